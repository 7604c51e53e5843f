import Testing

@testable import RouteScript

@Suite("Front end: top level")
struct FrontEndTopLevelTests {
    private func value(_ text: String, of name: String) -> String? {
        for case .parameter(let parameter) in Reading.file(text).configuration.statements where parameter.name == name {
            switch parameter.value {
            case .integer(let value): return "\(value)"
            case .string(let literal): return "\"\(literal.text)\""
            case .word(let word): return word
            case .variable(let variable): return variable.text
            }
        }
        return nil
    }

    @Test func `global parameters have values of their kind`() {
        #expect(self.value("children=8\n", of: "children") == "8")
        #expect(self.value("debug=-1", of: "debug") == "-1")
        #expect(self.value("fork=no", of: "fork") == "0")
        #expect(self.value("log_facility=LOG_LOCAL0", of: "log_facility") == "LOG_LOCAL0")
        #expect(self.value("log_prefix=\"{$mt} \"", of: "log_prefix") == "\"{$mt} \"")
        #expect(self.value("advertised_address=sip.ex-ample.org", of: "advertised_address") == "sip.ex-ample.org")
        #expect(self.value("advertised_address=[::1]", of: "advertised_address") == "::1")
        #expect(self.value("tos=IPTOS_LOWDELAY", of: "tos") == "IPTOS_LOWDELAY")
        #expect(self.value("tcp_poll_method=/dev/poll", of: "tcp_poll_method") == "/dev/poll")
        #expect(self.value("udp_mtu_try_proto=TCP", of: "udp_mtu_try_proto") == "TCP")
        #expect(self.value("kemi.reply_route_callback=\"none\"", of: "kemi.reply_route_callback") == "\"none\"")
        #expect(self.value("coreparam[random_engine]=\"fast\"", of: "coreparam") == "\"fast\"")
    }

    @Test func `an alias of a parameter is the parameter`() {
        #expect(self.value("mem_log=5", of: "memlog") == "5")
        #expect(self.value("uid=\"sip\"", of: "user") == "\"sip\"")
    }

    @Test func `unknown parameters and values of a wrong kind are errors`() {
        #expect(Reading.codes("debgu=1\n") == ["E0301"])
        #expect(Reading.codes("children=\"8\"\n") == ["E0302"])
        #expect(Reading.codes("log_name=foo\n") == ["E0302"])
        #expect(Reading.codes("children=\ndebug=1\n") == ["E0302"])
        #expect(Reading.codes("tls_verify=1\n") == ["W0301"])
    }

    @Test func `every parameter of the table has one meaning per name`() {
        var names: Set<String> = []
        for parameter in CoreParameters.all {
            #expect(!parameter.meaning.isEmpty)
            for name in [parameter.name] + parameter.aliases { #expect(names.insert(name).inserted, "\(name)") }
        }
        #expect(CoreParameters.parameter(named: "tcp_rd_buf_size")?.kind == .integer)
        #expect(CoreParameters.all.count > 200)
    }

    @Test func `custom parameters have groups, instances and descriptions`() {
        let result = Reading.file("pstn.gw = \"\" desc \"gate\"\na[2].b = 5\ndefault.x = yes description 'd'\n")
        #expect(result.diagnostics.isEmpty)
        var found: [String] = []
        for case .customParameter(let parameter) in result.configuration.statements {
            found.append(
                "\(parameter.group.text)\(parameter.instance.map { "[\($0)]" } ?? "").\(parameter.name.text)"
                    + (parameter.summary.map { " " + $0.text } ?? "")
            )
        }
        #expect(found == ["pstn.gw gate", "a[2].b", "default.x d"])
        #expect(Reading.codes("a.b = -5\n") == ["W0302"])
        #expect(Reading.codes("a.b = c\n") == ["E0302"])
    }

    @Test func `modules are known by their last path component`() {
        let text = """
            loadmodule "tm.so"
            loadmodule "/usr/lib/x/sl.so"
            loadmodule("rr", "global")
            loadmodulex "$env(PREFIX)_db.so"
            loadpath "/a:/b"
            mpath="/c"
            cfgengine "native"

            """
        let result = Reading.file(text, environment: ["PREFIX": "my"])
        #expect(result.diagnostics.isEmpty)
        let names = result.configuration.statements.compactMap { statement -> String? in
            if case .loadModule(let module) = statement { return module.name }
            if case .loadPath(let path) = statement { return path.path.text }
            if case .engine(let engine) = statement { return engine.isNative ? "native" : "other" }
            return nil
        }
        #expect(names == ["tm", "sl", "rr", "my_db", "/a:/b", "/c", "native"])
        #expect(Reading.codes("loadmodule tm\n") == ["E0307"])
    }

    @Test func `modparam takes an integer or a string, modparamx also a variable`() {
        let text = """
            modparam("a|b", "p", -5)
            modparam("a", 'q', "x" "y")
            modparam("a", "r", yes)
            modparamx("a", "s", $env(X))

            """
        let result = Reading.file(text)
        #expect(result.diagnostics.isEmpty)
        var found: [String] = []
        for case .moduleParameter(let parameter) in result.configuration.statements {
            switch parameter.value {
            case .integer(let value): found.append("\(parameter.name.text)=\(value)")
            case .string(let literal): found.append("\(parameter.name.text)=\(literal.text)")
            case .variable(let variable): found.append("\(parameter.name.text)=\(variable.text)")
            case .word: found.append("?")
            }
        }
        #expect(found == ["p=-5", "q=xy", "r=1", "s=$env(X)"])
        #expect(Reading.codes("modparam(\"a\", \"b\", $var(x))\n") == ["E0306"])
        #expect(Reading.codes("modparam(\"a\", \"b\", FOO)\n") == ["E0306"])
        #expect(Reading.codes("modparam(\"a\", \"b\" 5)\n") == ["E0201"])
        #expect(Reading.codes("modparam(\"a\", \"b\", 'x' 'y')\n") == ["E0306"])
    }

    @Test func `flags have numbers from 0 to 31`() {
        let result = Reading.file("flags A:1, B , C:31;\navpflags x\nbool D\n")
        #expect(result.diagnostics.isEmpty)
        if case .flags(let flags)? = result.configuration.statements.first {
            #expect(flags.flags.map(\.name.text) == ["A", "B", "C"])
            #expect(flags.flags.map(\.number) == [1, nil, 31])
        }
        #expect(Reading.codes("flags A:32\n") == ["E0305"])
        #expect(Reading.codes("flags A:1, A:2\n") == ["E0305"])
    }
}

@Suite("Front end: sockets")
struct FrontEndSocketTests {
    private func listen(_ text: String) -> [String] {
        let result = Reading.file(text)
        guard !result.diagnostics.hasErrors else { return [result.renderedDiagnostics()] }
        var found: [String] = []
        for statement in result.configuration.statements {
            if case .listen(let node) = statement { found += node.items.map(TreeText.of) }
            if case .alias(let node) = statement { found += node.items.map { "alias " + TreeText.of($0) } }
            if case .socket(let node) = statement { found.append(node.bind.map(TreeText.of) ?? "none") }
        }
        return found
    }

    @Test func `listen takes protocol, host and port in all forms`() {
        #expect(self.listen("listen=udp:127.0.0.1:5060") == ["udp:127.0.0.1:5060"])
        #expect(
            self.listen("listen=127.0.0.1 tcp:eth0:5070\nlisten=tls:[::1]:5061")
                == ["127.0.0.1", "tcp:eth0:5070", "tls:::1:5061"])
        #expect(self.listen("listen=sip-1.example.org:5060 \"host\"") == ["sip-1.example.org:5060", "host"])
        #expect(self.listen("listen=*:10.0.0.1:*") == ["10.0.0.1:*"])
        #expect(self.listen("listen=sctp:(10.0.0.1, 10.0.1.1):5060") == ["sctp:10.0.0.1+10.0.1.1:5060"])
        #expect(self.listen("listen=2001:db8::1") == ["2001:db8::1"])
    }

    @Test func `suffixes give the advertised address, the name and virtual`() {
        #expect(
            self.listen("listen=udp:10.0.0.1:5060 advertise 192.0.2.1:5070 name \"ext\" virtual")
                == ["udp:10.0.0.1:5060 as 192.0.2.1:5070 name ext virtual"]
        )
        #expect(self.listen("listen=udp:eth0 advertise sip.example.org") == ["udp:eth0 as sip.example.org:0"])
    }

    @Test func `a list of hosts ends where the next statement begins`() {
        #expect(self.listen("listen=udp:eth0\nport=5060\n") == ["udp:eth0"])
        #expect(self.listen("listen=eth0\nmy.x=5\n") == ["eth0"])
        #expect(
            self.listen("alias=a.org b.org:5060 \"c.org\"\nalias=d.org\n")
                == ["alias a.org", "alias b.org:5060", "alias c.org", "alias d.org"])
        #expect(self.listen("listen=eth0\nroute[A] { exit; }\n") == ["eth0"])
    }

    @Test func `the structured form has the same parts and ranges of ports`() {
        #expect(
            self.listen("socket = { bind=udp:10.0.0.1:5060-5070; advertise=192.0.2.1:5080; name=\"s\"; virtual=yes; }")
                == ["udp:10.0.0.1:5060-5070 as 192.0.2.1:5080 name s virtual"]
        )
        let result = Reading.file("socket={bind=tcp:eth0;workers=4;agname=\"g\";vrf=\"v\"}\n")
        if case .socket(let block)? = result.configuration.statements.first {
            #expect(block.workers == 4)
            #expect(block.asyncGroup?.text == "g")
            #expect(block.vrf?.text == "v")
        } else {
            Issue.record("no socket")
        }
    }

    @Test func `mistakes in sockets are named`() {
        #expect(Reading.codes("listen=\"udp:127.0.0.1:5060\"\n") == ["E0303"])
        #expect(Reading.codes("listen=udp:127.0.0.1:70000\n") == ["E0304"])
        #expect(Reading.codes("listen=udp:127.0.0.256\n") == ["E0303"])
        #expect(Reading.codes("listen=*\n") == ["E0303"])
        #expect(Reading.codes("listen=ws:127.0.0.1:80\n") == ["E0303"])
        #expect(Reading.codes("socket={bnd=udp:eth0}\n") == ["E0303"])
        #expect(Reading.codes("listen=udp:127.0.0.1:1-5\n") == ["E0304"])
    }
}
