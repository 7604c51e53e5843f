import Bytes
import SIPMessage
import usrloc

/// The registrar, with four thousand users.
func locationCases() throws -> [Case] {
    let routes = """
        route[SAVE] { return(save("location", "0x02")); }
        route[LOOKUP] { return(lookup("location")); }
        """
    let users = 4096
    let register = Sample.text("REGISTER sip:example.org SIP/2.0", "REGISTER", "Expires: 3600\n")
    let saving = try ScriptFixture(modules: ["sl", "usrloc", "registrar"], routes, message: register)
    let message = saving.context.message
    let save = saving.route("SAVE")
    let user = Int(message.to.uri.start) + 4
    let callID = Int(message.callID.start) + 4
    let digits = ByteBuffer(capacity: 16)
    // Ever new calls: a CSeq number that does not rise within one would be refused.
    func put(_ number: Int) {
        digits.removeAll()
        digits.append(hex: UInt64(number % users), digits: 3)
        message.buffer.replace(at: user, deleting: 3, with: digits.span)
        digits.removeAll()
        digits.append(hex: UInt64(number), digits: 8)
        message.buffer.replace(at: callID, deleting: 8, with: digits.span)
    }
    for number in 0..<users {
        put(number)
        precondition(saving.run(save) > 0, "a REGISTER is refused")
    }
    let table = try saving.script.bench.module(UserLocation.self).location("location")
    let address = ByteString("0ff")
    let now = saving.script.worker.now
    var turn = users
    return [
        saving.measured("registrar: refresh a binding", route: "SAVE") {
            turn &+= 1
            put(turn)
        },
        Case("usrloc: bindings of an address") { _ = table.contacts(of: address.span, now: now) },
        Case("usrloc: is it registered") {
            precondition(table.isRegistered(address.span, now: now), "nobody is registered")
        },
        try lookupCase(routes, register),
    ]
}

/// `lookup` for an INVITE, in a registrar of one user.
private func lookupCase(_ routes: String, _ register: String) throws -> Case {
    let modules = ["sl", "usrloc", "registrar"]
    let saving = try ScriptFixture(modules: modules, routes, message: register)
    _ = saving.run(saving.route("SAVE"))
    let invite = try ScriptFixture(
        modules: modules, routes, message: Sample.text("INVITE sip:bob@example.org SIP/2.0", "INVITE", hasBody: true),
        on: saving.script.bench)
    return invite.measured("registrar: look a user up", route: "LOOKUP")
}
