import ModuleKit
import SIPTesting
import Testing

@testable import sl

@Suite("sl: statistics of replies")
struct ReplyStatisticsTests {
    @Test(arguments: [
        (180, "1xx_replies"), (200, "200_replies"), (202, "202_replies"), (204, "2xx_replies"), (300, "300_replies"),
        (301, "301_replies"), (302, "302_replies"), (305, "3xx_replies"), (400, "400_replies"), (401, "401_replies"),
        (403, "403_replies"), (404, "404_replies"), (407, "407_replies"), (408, "408_replies"), (483, "483_replies"),
        (486, "4xx_replies"), (500, "500_replies"), (503, "5xx_replies"), (603, "6xx_replies"),
    ])
    func `each code counts in its row, and in sent_replies`(_ code: Int, _ row: String) throws {
        let (bench, _) = try StatelessRepliesTests.bench()
        let route = try bench.receive(StatelessRepliesTests.request())
        #expect(try bench.call("sl_send_reply", "\(code)", "Own", in: route) == 1)
        #expect(bench.counters.value("sl", row) == 1)
        #expect(bench.counters.value("sl", "sent_replies") == 1)
        let all =
            (1...6).map { "\($0)xx" } + [
                "200", "202", "300", "301", "302", "400", "401", "403", "404", "407", "408", "483", "500", "xxx",
            ]
        #expect(all.reduce(0) { $0 + (bench.counters.value("sl", "\($1)_replies") ?? 0) } == 1)
    }

    @Test func `errors that are answered by themselves count apart`() throws {
        let (bench, _) = try StatelessRepliesTests.bench()
        let route = try bench.receive(StatelessRepliesTests.request())
        #expect(try bench.call("sl_reply_error", in: route) > 0)
        #expect(bench.counters.value("sl", "sent_err_replies") == 1)
    }

    @Test func `xxx_replies is there for codes of no class`() throws {
        let (bench, _) = try StatelessRepliesTests.bench()
        #expect(bench.counters.value("sl", "xxx_replies") == 0)
    }
}
