import Bytes
import SIPMessage

/// Transactions made and found again.
func transactionCases() throws -> [Case] {
    let routes = """
        route[NEW] { return(t_newtran()); }
        route[FIND] { return(t_lookup_request()); }
        """
    let fixture = try ScriptFixture(
        modules: ["sl", "tm"], routes, message: Sample.text("OPTIONS sip:bob@example.org SIP/2.0", "OPTIONS"))
    let message = fixture.context.message
    // Another call each time: the digits in the middle of its Call-ID, and the end of its branch.
    let callID = Int(message.callID.start) + 4
    let branch = message.topVia.branch
    let tail = Int(branch.start) + Int(branch.count) - 8
    let digits = ByteBuffer(capacity: 16)
    var turn: UInt64 = 0
    func next() {
        turn &+= 1
        digits.removeAll()
        digits.append(hex: turn, digits: 8)
        message.buffer.replace(at: callID, deleting: 8, with: digits.span)
        message.buffer.replace(at: tail, deleting: 8, with: digits.span)
    }
    _ = fixture.run(fixture.route("NEW"))
    return [
        // First, while only the transaction of the first message is there.
        fixture.measured("tm: find a transaction", route: "FIND"),
        fixture.measured("tm: make a transaction", route: "NEW", before: next),
    ]
}
