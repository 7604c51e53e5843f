import Bytes

/// The columns of the accounting tables.
struct AccountingColumns: Sendable {
    var method = ByteString("method")
    var fromTag = ByteString("from_tag")
    var toTag = ByteString("to_tag")
    var callID = ByteString("callid")
    var code = ByteString("sip_code")
    var reason = ByteString("sip_reason")
    var time = ByteString("time")

    var all: [ByteString] {
        [self.method, self.fromTag, self.toTag, self.callID, self.code, self.reason, self.time]
    }
}
