import Bytes
import ModuleKit

// What other modules may ask of accounting.

extension Accounting {
    /// Writes a line, a row, or both for the present request, as `acc_request()` does.
    /// - Parameters:
    ///   - comment: reason of the record; may begin with a status code.
    ///   - table: for the row; nil: none.
    public func account(_ route: RouteContext, comment: ByteString, log: Bool, table: ByteString?) {
        _ = self.accountRequest(route, comment, log: log, table: table)
    }
}
