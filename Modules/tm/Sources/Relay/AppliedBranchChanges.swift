import Bytes
import ModuleKit
import SIPMessage

/// `t_msg_apply_changes`: the message as it was before a branch route had its edits applied to it.
///
/// The edits of the script before it are applied too; when the branch is done the message is again what came in, for
/// the next branch.
final class AppliedBranchChanges {
    private let buffer: ByteBuffer
    private let edits: EditList

    private init(_ route: RouteContext) {
        let message = route.message
        self.buffer = message.buffer
        self.edits = EditList(copying: route.edits)
    }

    /// Goes on with the message as it would be sent now.
    /// - Returns: false, and nothing has changed, when that is no message.
    static func apply(in route: RouteContext) -> Bool {
        guard !route.edits.isEmpty else { return true }
        let message = route.message
        let kept = AppliedBranchChanges(route)
        let buffer = ByteBuffer(capacity: message.length + 512)
        MessageWriter.write(message, route.edits, into: buffer)
        message.buffer = buffer
        guard message.parse() == nil, message.isRequest else {
            message.buffer = kept.buffer
            _ = message.parse()
            return false
        }
        route.edits.removeAll()
        // Applied twice in one branch, the first state is the one to come back to.
        if route.state(AppliedBranchChanges.self) == nil { route.setState(kept) }
        route.invalidateRequestURI()
        return true
    }

    /// Puts the message back, with the edits that the branch had made by then.
    static func takeBack(in route: RouteContext) {
        guard let kept = route.state(AppliedBranchChanges.self) else { return }
        route.removeState(AppliedBranchChanges.self)
        route.message.buffer = kept.buffer
        _ = route.message.parse()
        route.edits.copy(from: kept.edits)
        route.invalidateRequestURI()
    }
}
