import Bytes
import ModuleKit
import SIPMessage

/// Changes the replies of callees on their way to the caller: what a request was changed into is changed back.
///
/// Kept with the transaction from the moment that the script asks for it, for as long as that lives.
public protocol ReplyEditor: AnyObject, Sendable {
    /// Records edits to the reply in `route`, after its reply route has run; no lock is held.
    /// - Parameter request: as it came in.
    func edit(_ route: RouteContext, request: Message)
}

extension Transactions {
    /// Has `editor` change the replies to the request of `route`, whose transaction may not exist yet. One editor a
    /// transaction: a later one takes its place.
    public func editReplies(_ route: RouteContext, with editor: any ReplyEditor) {
        route.transactionIntent.replyEditor = editor
        _ = self.table.withTransaction(route.transactionID) { $0.replyEditor = editor }
    }

    /// The editor that `editReplies` was given for the request of `route`.
    public func replyEditor(_ route: RouteContext) -> (any ReplyEditor)? {
        self.table.withTransaction(route.transactionID) { $0.replyEditor }
            ?? route.state(TransactionIntent.self)?.replyEditor
    }

    func edit(_ route: RouteContext, _ id: TransactionID, _ editor: any ReplyEditor) {
        let found = self.table.withTransaction(id) { $0.request?.bytes }
        guard let known = found, let request = known, let message = Message(request.span) else { return }
        editor.edit(route, request: message)
    }
}
