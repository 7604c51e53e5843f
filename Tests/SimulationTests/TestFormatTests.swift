import Bytes
import ModuleKit
import RouteScript
import StandardModules
import Testing

@testable import Simulation

@Suite("Test files")
struct TestFormatTests {
    private static let script = """
        listen=udp:192.0.2.100:5060
        loadmodule "tm.so"
        loadmodule "sl.so"
        loadmodule "pv.so"
        loadmodule "xlog.so"
        loadmodule "textops.so"
        debug=1
        #!ifdef REFUSE
        request_route { xlog("L_NOTICE", "refused $ci\\n"); sl_send_reply("403", "No"); }
        #!else
        request_route {
            $avp(user) = $rU;
            $rd = "192.0.2.20";
            append_hf("X-Seen: yes\\r\\n");
            t_on_failure("DOWN");
            t_relay();
        }
        failure_route[DOWN] { $avp(user) = "failed"; }
        #!endif
        """

    private func run(_ tests: String, filter: String? = nil) throws -> TestSuite {
        var suite = TestSuite(
            modules: StandardModules.all,
            files: .memory(["kamailio.cfg": Self.script, "a.siptest": "config kamailio.cfg\n" + tests]),
            filter: try filter.map { try RegularExpression(ByteString($0)) })
        suite.run("a.siptest")
        return suite
    }

    /// First lines of what went wrong, place and message.
    private func failures(_ tests: String) throws -> [String] {
        let suite = try self.run(tests)
        return suite.problems.map(\.description)
            + suite.outcomes.compactMap { $0.failure.map { "\($0.place): \($0.message)" } }
    }

    @Test func `a test is a few lines`() throws {
        #expect(
            try self.failures(
                """
                phone gateway 192.0.2.20
                test "defines choose the branch"
                    define REFUSE
                    send INVITE sip:bob@example.com
                    expect 403 No to alice
                    expect log NOTICE "refused"
                    expect log ~ "^<script>: ref.*-call-"
                    expect no log ERROR
                    expect verdict replied 403
                    expect nothing
                test "without it is relayed"
                    send INVITE sip:bob@example.com from carol with sdp
                        X-Mine: 1
                        X-Mine: 2
                    expect INVITE to gateway
                        Request-URI: sip:bob@{gateway.ip}
                        X-Seen: yes
                        X-Mine 2 times
                        X-Mine: ~ ^2$
                        X-Mine: != 3
                        no X-Other
                        From: ~ sip:carol@example.com
                        | m=audio 40000 RTP/AVP 8 0 101
                    expect call t_relay = 1
                    expect $avp(user) = bob
                    expect $avp(other) is null
                    reply 603 Not Now
                        Warning: 399 x "y"
                    expect ACK to gateway
                    expect 603 Not Now to carol
                        Warning: ~ 399
                    expect $avp(user) = failed in failure_route
                    expect route DOWN
                """
            ) == [])
    }

    @Test func `what is not as expected is named with its place`() throws {
        #expect(
            try self.failures(
                """
                phone gateway 192.0.2.20
                test "a"
                    send INVITE sip:bob@example.com
                    expect 200
                test "b"
                    send INVITE sip:bob@example.com
                    expect INVITE
                        X-Seen: no
                test "c"
                    send INVITE sip:bob@example.com
                    expect nothing
                test "d"
                    send INVITE sip:bob@example.com
                    expect $avp(user) = alice
                test "e"
                    send INVITE sip:bob@example.com
                    expect no INVITE
                test "f"
                    send INVITE sip:bob@example.com
                    expect log "x"
                test "g"
                    send INVITE sip:bob@example.com
                    expect route DOWN
                test "h"
                    send BYE
                test "i"
                    reply 200
                test "j"
                    expect $nothing(x) = 1
                """
            ) == [
                "a.siptest:5: expected 200", "a.siptest:9: INVITE: X-Seen", "a.siptest:12: nothing more was expected",
                "a.siptest:15: $avp(user)", "a.siptest:18: this was not to be sent",
                "a.siptest:21: no such line in the log", "a.siptest:24: route[DOWN] did not run",
                "a.siptest:26: alice is in no dialog: where to? send BYE sip:bob@example.com",
                "a.siptest:28: nobody has a request to answer", "a.siptest:30: $nothing(x): unknown variable $nothing",
            ])
    }

    @Test func `lines that say nothing are problems of the file`() throws {
        #expect(
            try self.failures(
                """
                test "a"
                    sned INVITE
                    wait soon
                    expect
                    send invite sip:a@b
                    bob answers soon
                    expect 200 to alice
                        nonsense here
                    listen udp:1.2.3.4
                """
            ) == [
                "a.siptest:3: 'sned' is no step", "a.siptest:4: wait needs a time: 500ms, 5s, 2m, 1h",
                "a.siptest:5: what is expected?", "a.siptest:6: a method is written in capitals, not 'invite'",
                "a.siptest:7: an answer begins with a status code: answers 180, 200 after 5s",
                "a.siptest:9: 'Name: value', 'Name: ~ expression', 'Name 2 times', 'no Name' or '| body line' is "
                    + "expected",
            ])
        #expect(try self.failures("") == ["a.siptest:1: there is no test in this file"])
        #expect(
            try self.failures("include a.siptest\ntest \"x\"\n").first
                == "a.siptest:2: files include each other without end")
    }

    @Test func `a filter chooses by name`() throws {
        let suite = try self.run("test \"one\"\n  wait 1s\ntest \"two\"\n  wait 1s\n", filter: "^tw")
        #expect(suite.outcomes.map(\.test.name) == ["two"])
    }

    @Test func `a report for CI counts and quotes`() throws {
        let suite = try self.run("test \"good <one>\"\n  wait 1s\ntest \"bad\"\n  reply 200\n")
        var outcomes = suite.outcomes
        for index in outcomes.indices { outcomes[index].milliseconds = 1005 }
        #expect(
            JUnitReport.text(outcomes, problems: []) == """
                <?xml version="1.0" encoding="UTF-8"?>
                <testsuites tests="2" failures="1" errors="0">
                  <testsuite name="a.siptest" tests="2" failures="1" errors="0" time="2.010">
                    <testcase name="good &lt;one&gt;" classname="a.siptest" file="a.siptest" line="2" time="1.005"/>
                    <testcase name="bad" classname="a.siptest" file="a.siptest" line="4" time="1.005">
                      <failure message="a.siptest:5: nobody has a request to answer">the server sent nothing</failure>
                    </testcase>
                  </testsuite>
                </testsuites>

                """)
    }

    @Test func `dates are counted from 1970`() {
        #expect(SettingParser.seconds("1970-01-01") == 0)
        #expect(SettingParser.seconds("2000-02-29 12:30") == 951_827_400)
        #expect(SettingParser.seconds("2026-01-01 12:00:00") == 1_767_268_800)
        #expect(SettingParser.seconds("2026-13-01") == nil && SettingParser.seconds("soon") == nil)
    }

    @Test func `a star in a URL stands for any text`() {
        func fits(_ text: String, _ pattern: String) -> Bool { StandingAnswer.matches(text[...], pattern[...]) }
        #expect(fits("http://a/b?c", "http://a/*") && fits("http://a/b?c", "*b*c") && fits("x", "x") && fits("x", "*"))
        #expect(!fits("http://b/", "http://a/*") && !fits("ab", "ab*b") && !fits("x", "xy"))
    }
}
