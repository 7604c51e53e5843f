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
             0  assignConstant      $var(i), 3
          ; a.cfg:5  while ($var(i) > 0) {
             1  loopStart
             2  variable            $var(i)
             3  binaryConstant      greater, 0
             4  jumpIfZero          to 10
             5  loopCheck           else to 10
          ; a.cfg:6  $var(i) = $var(i) - 1;
             6  variable            $var(i)
             7  binaryConstant      subtract, 1
             8  assign              $var(i)
          ; a.cfg:5  while ($var(i) > 0) {
             9  jump                to 2
            10  pop
          ; a.cfg:8  if ($rU =~ "^00" && src_ip == 192.0.2.0/24) {
            11  variable            $rU
            12  matchConstant       /^00/
            13  jumpIfZero          to 18
            14  condition           sourceIP equal 192.0.2.0/24
            15  not
            16  not
            17  jump                to 19
            18  integer             0
            19  jumpUnlessPositive  to 22
          ; a.cfg:9  route(OUT);
            20  route               OUT
          ; a.cfg:8  if ($rU =~ "^00" && src_ip == 192.0.2.0/24) {
            21  jump                to 22
          ; a.cfg:11  switch ($var(i)) {
            22  variable            $var(i)
            23  select              0 to 24, 1 to 26, else to 28
          ; a.cfg:12  case 0: exit;
            24  integer             1
            25  exit
          ; a.cfg:13  case 1: drop;
            26  integer             0
            27  drop
          ; a.cfg:3  request_route {
            28  end

        route[OUT]  a.cfg:16
          ; a.cfg:17  if (!sl_send_reply("404", "No $rU")) return -1;
            29  call                sl_send_reply(404, "No $rU")  for its truth
            30  not
            31  jumpUnlessPositive  to 36
            32  integer             1
            33  negate
            34  returnValue
            35  jump                to 36
          ; a.cfg:18  $avp(x) = "it's" + $var(i);
            36  constant            "it's"
            37  variable            $var(i)
            38  binary              add
            39  assign              $avp(x)
          ; a.cfg:16  route[OUT] {
            40  end

        """
}
