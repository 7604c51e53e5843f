import SIPTesting
import Testing
import tm

@Suite("tm: what a setting asks for that there is not")
struct SettingTests {
    @Test(arguments: [
        ("reply_matching", 0), ("reparse_invite", 0), ("failure_exec_mode", 1), ("reparse_on_dns_failover", 0),
    ])
    func `one line says what is done in its place`(_ name: String, _ value: Int) throws {
        let bench = ModuleBench()
        try bench.load(Transactions.self, [(name, .int(value))])
        #expect(bench.log.filter { $0.contains("\(name) has no effect: ") }.count == 1)
        let plain = ModuleBench()
        try plain.load(Transactions.self)
        #expect(plain.log.isEmpty)
    }
}
