import Bytes
import ModuleKit
import RouteScript
import StandardModules
import Testing

@testable import ApusServer
@testable import Simulation

@Suite("apus --simulate")
struct SimulationCommandTests {
    private struct Result {
        var status: Int32
        var output = ""
        var errors = ""
    }

    private func run(_ files: [String: String], _ arguments: String...) throws -> Result {
        var result = Result(status: 0)
        var output = ""
        var errors = ""
        result.status = SimulationCommand.run(
            try CommandLineOptions(parsing: arguments), modules: StandardModules.all, files: .memory(files),
            write: { output += $0 }, complain: { errors += $0 })
        result.output = output
        result.errors = errors
        return result
    }

    private static let head = "listen=udp:192.0.2.100:5060\nloadmodule \"sl.so\"\nloadmodule \"pv.so\"\n"

    private static func options(_ number: Int) -> String {
        """
        OPTIONS sip:192.0.2.100 SIP/2.0
        Via: SIP/2.0/UDP 192.0.2.\(number % 200 + 1):5060;branch=z9hG4bK-\(number)
        From: <sip:a@example.com>;tag=\(number)
        To: <sip:b@example.com>
        Call-ID: c\(number)
        CSeq: 1 OPTIONS


        """
    }

    @Test func `a script that pauses is waited for`() throws {
        let script =
            Self.head + """
                loadmodule "cfgutils.so"
                request_route {
                    sleep("20");
                    sl_send_reply("200", "$var(x)");
                }
                """
        let result = try self.run(
            ["a.cfg": script, "a.sip": Self.options(1)], "--simulate", "a.sip", "-f", "a.cfg", "--quiet")
        #expect(result.status == 0)
        #expect(
            result.output == """
                <- OPTIONS sip:192.0.2.100 from udp:192.0.2.2:5060 on udp:192.0.2.100:5060
                == request_route, OPTIONS: suspended
                [20.000 s]
                -> 200 0 to udp:192.0.2.2:5060 from udp:192.0.2.100:5060
                == request_route, OPTIONS: replied 200

                """)
    }

    @Test func `remarks say where a message comes from and when`() throws {
        let script = Self.head + "request_route { sl_send_reply(\"200\", \"$si:$sp\"); }"
        let messages = "# from 10.0.0.1:7000\n" + Self.options(1) + "# wait 3s\n" + Self.options(2)
        let result = try self.run(
            ["a.cfg": script, "a.sip": messages], "--simulate", "a.sip", "-f", "a.cfg", "--quiet")
        #expect(result.output.contains("-> 200 10.0.0.1:7000 to"))
        #expect(result.output.contains("[3.010 s]\n<- OPTIONS sip:192.0.2.100 from udp:192.0.2.3:5060"))
    }

    @Test func `a thousand messages are one run`() throws {
        let script =
            Self.head + """
                loadmodule "tm.so"
                request_route { t_newtran(); t_reply("200", "OK"); }
                """
        let messages = (0..<1000).map(Self.options).joined()
        let result = try self.run(
            ["a.cfg": script, "a.sip": messages], "--simulate", "a.sip", "-f", "a.cfg", "--quiet")
        #expect(result.status == 0)
        #expect(result.output.split(separator: "\n").filter { $0.hasPrefix("-> 200") }.count == 1000)
    }

    @Test func `what is no message is named, the others run`() throws {
        let script = Self.head + "request_route { sl_send_reply(\"200\", \"OK\"); }"
        let result = try self.run(
            ["a.cfg": script, "a.sip": "hello\n\n" + Self.options(1)], "--simulate", "a.sip", "-f", "a.cfg", "--quiet")
        #expect(result.status == 1)
        #expect(result.errors == "a.sip:1: this is no SIP message: hello\n")
        #expect(result.output.contains("-> 200 OK"))
    }

    @Test func `a configuration with mistakes shows its diagnostics`() throws {
        let result = try self.run(
            ["a.cfg": "request_route { nothing(); }", "a.sip": Self.options(1)], "--simulate", "a.sip", "-f", "a.cfg")
        #expect(result.status == 255)
        #expect(result.errors.contains("E0401"))
    }

    @Test func `the file may be missing, and options of the simulation need one`() throws {
        #expect(try self.run([:], "--simulate", "a.sip").errors == "ERROR: cannot read 'a.sip'\n")
        #expect(throws: CommandLineError.self) { try CommandLineOptions(parsing: ["--full"]) }
    }

    @Test func `bytes of the wire are left as they are`() {
        let wire =
            "OPTIONS sip:a SIP/2.0\r\nVia: x\r\nContent-Length: 4\r\n\r\nab\r\n\r\nSIP/2.0 200 OK\r\nVia: y\r\n\r\n"
        let items = RawMessages(wire).items
        #expect(items.count == 2)
        #expect(items.first?.bytes == "OPTIONS sip:a SIP/2.0\r\nVia: x\r\nContent-Length: 4\r\n\r\nab\r\n")
        #expect(items.last?.bytes == "SIP/2.0 200 OK\r\nVia: y\r\n\r\n")
    }

    @Test func `bytecode is shown below the lines that it comes from`() throws {
        let script = """
            loadmodule "sl.so"
            loadmodule "pv.so"
            request_route {
                $var(i) = 1 + 2;
                while ($var(i) > 0) {
                    $var(i) = $var(i) - 1;
                }
                if ($rU =~ "^00" && src_ip == 192.0.2.0/24) {
                    route(OUT);
                }
                switch ($var(i)) {
                    case 0: exit;
                    case 1: drop;
                }
            }
            route[OUT] {
                if (!sl_send_reply("404", "No $rU")) return -1;
                $avp(x) = "it's" + $var(i);
            }
            """
        let result = try self.run(["a.cfg": script], "--dump-bytecode", "-f", "a.cfg")
        #expect(result.errors == "")
        #expect(result.output == Self.bytecode, "\(result.output)")
    }

    private static let bytecode = """
        request_route  a.cfg:3
          ; a.cfg:4  $var(i) = 1 + 2;
             0  integer             3
             1  assign              $var(i)
          ; a.cfg:5  while ($var(i) > 0) {
             2  loopStart
             3  variable            $var(i)
             4  integer             0
             5  binary              greater
             6  jumpIfZero          to 13
             7  loopCheck           else to 13
          ; a.cfg:6  $var(i) = $var(i) - 1;
             8  variable            $var(i)
             9  integer             1
            10  binary              subtract
            11  assign              $var(i)
          ; a.cfg:5  while ($var(i) > 0) {
            12  jump                to 3
            13  pop
          ; a.cfg:8  if ($rU =~ "^00" && src_ip == 192.0.2.0/24) {
            14  variable            $rU
            15  matchConstant       /^00/
            16  jumpIfZero          to 21
            17  condition           sourceIP equal 192.0.2.0/24
            18  not
            19  not
            20  jump                to 22
            21  integer             0
            22  jumpUnlessPositive  to 25
          ; a.cfg:9  route(OUT);
            23  route               OUT
          ; a.cfg:8  if ($rU =~ "^00" && src_ip == 192.0.2.0/24) {
            24  jump                to 25
          ; a.cfg:11  switch ($var(i)) {
            25  variable            $var(i)
            26  select              0 to 27, 1 to 29, else to 31
          ; a.cfg:12  case 0: exit;
            27  integer             1
            28  exit
          ; a.cfg:13  case 1: drop;
            29  integer             0
            30  drop
          ; a.cfg:3  request_route {
            31  end

        route[OUT]  a.cfg:16
          ; a.cfg:17  if (!sl_send_reply("404", "No $rU")) return -1;
            32  call                sl_send_reply(404, "No $rU")  for its truth
            33  not
            34  jumpUnlessPositive  to 39
            35  integer             1
            36  negate
            37  returnValue
            38  jump                to 39
          ; a.cfg:18  $avp(x) = "it's" + $var(i);
            39  constant            "it's"
            40  variable            $var(i)
            41  binary              add
            42  assign              $avp(x)
          ; a.cfg:16  route[OUT] {
            43  end

        """
}
