import StandardModules
import Testing

@testable import ScriptTools

@Suite("Language server")
struct LanguageServerTests {
    /// An editor: sends messages through the framing and keeps what comes back.
    private struct Editor {
        var server: LanguageServer
        private var number = 0
        /// Diagnostics by file, as last published.
        var diagnostics: [String: [JSON]] = [:]

        init(options: JSON = .null) throws {
            self.server = try LanguageServer(moduleTypes: StandardModules.all)
            _ = self.request("initialize", ["capabilities": [:], "initializationOptions": options])
            self.notify("initialized", [:])
        }

        mutating func request(_ method: String, _ parameters: JSON) -> JSON {
            self.number += 1
            let answers = self.send(
                ["jsonrpc": "2.0", "id": .int(self.number), "method": .string(method), "params": parameters])
            return answers.first { $0["id"].int == self.number } ?? .null
        }

        mutating func notify(_ method: String, _ parameters: JSON) {
            _ = self.send(["jsonrpc": "2.0", "method": .string(method), "params": parameters])
        }

        private mutating func send(_ message: JSON) -> [JSON] {
            var framing = MessageFraming()
            framing.append(MessageFraming.frame(message))
            guard let body = try? framing.next() else { return [] }
            let answers = self.server.receive(body)
            for answer in answers where answer["method"].string == "textDocument/publishDiagnostics" {
                let uri = answer["params"]["uri"].string ?? ""
                self.diagnostics[uri] = answer["params"]["diagnostics"].array
            }
            return answers
        }

        mutating func open(_ text: String, _ uri: String = "file:///etc/apus/test.cfg") {
            self.notify("textDocument/didOpen", ["textDocument": ["uri": .string(uri), "text": .string(text)]])
        }

        /// A request about the place of `mark` in `text`, `offset` characters into it.
        mutating func ask(
            _ method: String, _ text: String, at mark: String, offset: Int = 0, _ more: [String: JSON] = [:]
        ) -> JSON {
            let before = text.components(before: mark)
            let lines = before.split(separator: "\n", omittingEmptySubsequences: false)
            var parameters = more
            parameters["textDocument"] = ["uri": "file:///etc/apus/test.cfg"]
            parameters["position"] = [
                "line": .int(lines.count - 1), "character": .int((lines.last?.utf16.count ?? 0) + offset),
            ]
            return self.request("textDocument/" + method, .object(parameters))
        }
    }

    private let script = """
        loadmodule "pv.so"
        loadmodule "sl.so"
        loadmodule "tm.so"
        loadmodule "xlog.so"
        #!define GREETING "héllo"
        modparam("tm", "fr_timer", 5000)

        request_route {
            $var(count) = 1;
            xlog("é $var(count) $(ru{uri.host})\\n");
            route(ANSWER);
            t_on_failure("LATE");
            t_relay();
        }

        route[ANSWER] {
            if ($var(count) > 0) sl_send_reply("200", GREETING);
        }

        failure_route[LATE] {
            route(ANSWER);
        }

        """

    private func editor() throws -> Editor {
        var editor = try Editor()
        editor.open(self.script)
        return editor
    }

    @Test func `a correct configuration has no findings, a wrong one has them where they are`() throws {
        var editor = try self.editor()
        #expect(editor.diagnostics["file:///etc/apus/test.cfg"] == [])
        let wrong = self.script.replacing("t_relay", with: "t_relai")
        editor.notify(
            "textDocument/didChange",
            [
                "textDocument": ["uri": "file:///etc/apus/test.cfg"],
                "contentChanges": [["text": .string(wrong)]],
            ])
        let found = try #require(editor.diagnostics["file:///etc/apus/test.cfg"]?.first)
        #expect(found["severity"].int == 1)
        #expect(found["range"]["start"] == ["line": 12, "character": 4])
        #expect(found["range"]["end"] == ["line": 12, "character": 11])
        #expect(found["message"].string?.contains("t_relay") == true)
    }

    @Test func `functions of loaded and of other modules are offered in a route`() throws {
        var editor = try self.editor()
        let items = editor.ask("completion", self.script, at: "t_relay();", offset: 3)["result"]["items"].array
        let relay = try #require(items.first { $0["label"].string == "t_relay" })
        #expect(relay["detail"].string?.hasPrefix("tm: ") == true)
        #expect(relay["documentation"]["value"].string?.contains("Returns") == true)
        let save = try #require(items.first { $0["label"].string == "save" })
        #expect(save["detail"].string?.hasPrefix("needs loadmodule \"registrar.so\"") == true)
    }

    @Test func `variables, transformations, routes and parameters are offered where they belong`() throws {
        var editor = try self.editor()
        func labels(_ answer: JSON) -> [String] { answer["result"]["items"].array.compactMap { $0["label"].string } }
        #expect(labels(editor.ask("completion", self.script, at: "$(ru{", offset: 3)).contains("ru"))
        #expect(labels(editor.ask("completion", self.script, at: "$(ru{", offset: 7)).contains("uri.host"))
        #expect(labels(editor.ask("completion", self.script, at: "$var(count) >", offset: 5)) == ["count"])
        #expect(labels(editor.ask("completion", self.script, at: "ANSWER);", offset: 1)) == ["ANSWER"])
        #expect(labels(editor.ask("completion", self.script, at: "LATE\");", offset: 0)) == ["LATE"])
        #expect(labels(editor.ask("completion", self.script, at: "fr_timer", offset: 2)).contains("fr_inv_timer"))
        #expect(labels(editor.ask("completion", self.script, at: "pv.so", offset: 0)).contains("registrar.so"))
        #expect(labels(editor.ask("completion", self.script, at: "define GREETING", offset: 2)).contains("ifdef"))
        #expect(labels(editor.ask("completion", self.script, at: "route[ANSWER]", offset: 2)).contains("modparam"))
    }

    @Test func `hovering shows what the reference says`() throws {
        var editor = try self.editor()
        func text(_ answer: JSON) -> String { answer["result"]["contents"]["value"].string ?? "" }
        #expect(text(editor.ask("hover", self.script, at: "t_relay", offset: 2)).contains("`t_relay("))
        #expect(text(editor.ask("hover", self.script, at: "fr_timer", offset: 2)).contains("int, default"))
        #expect(text(editor.ask("hover", self.script, at: "GREETING);", offset: 2)).contains("héllo"))
        #expect(text(editor.ask("hover", self.script, at: "uri.host", offset: 5)).contains("{uri.host}"))
        #expect(text(editor.ask("hover", self.script, at: "$(ru{", offset: 3)).hasPrefix("`$ru`"))
        #expect(text(editor.ask("hover", self.script, at: "sl.so", offset: 1)).hasPrefix("**sl**"))
        #expect(editor.ask("hover", self.script, at: "> 0", offset: 3)["result"].isNull)
    }

    @Test func `routes and defines lead to where they are defined`() throws {
        var editor = try self.editor()
        let route = editor.ask("definition", self.script, at: "ANSWER);")["result"]
        #expect(route["range"]["start"] == ["line": 15, "character": 6])
        let failure = editor.ask("definition", self.script, at: "LATE\");")["result"]
        #expect(failure["range"]["start"]["line"].int == 19)
        let define = editor.ask("definition", self.script, at: "GREETING);")["result"]
        #expect(define["range"]["start"] == ["line": 4, "character": 9])
        let uses = editor.ask("references", self.script, at: "ANSWER);")["result"].array
        #expect(uses.count == 3)
    }

    @Test func `renaming a route or a variable changes every place, and counts characters as editors do`() throws {
        var editor = try self.editor()
        func edits(_ answer: JSON) -> [JSON] {
            answer["result"]["changes"]["file:///etc/apus/test.cfg"].array
        }
        let route = edits(editor.ask("rename", self.script, at: "ANSWER);", ["newName": "REPLY"]))
        #expect(route.map { $0["range"]["start"]["line"].int } == [10, 15, 20])
        #expect(route.allSatisfy { $0["newText"].string == "REPLY" })
        let variable = edits(editor.ask("rename", self.script, at: "$var(count) >", offset: 6, ["newName": "n"]))
        #expect(
            variable.map { $0["range"]["start"] } == [
                ["line": 8, "character": 9], ["line": 9, "character": 17], ["line": 16, "character": 13],
            ])
        let taken = editor.ask("rename", self.script, at: "ANSWER);", ["newName": "not a name"])
        #expect(taken["error"]["message"].string?.contains("letters") == true)
        let fixed = editor.ask("rename", self.script, at: "$(ru{", offset: 3, ["newName": "x"])
        #expect(fixed["error"]["message"].string != nil)
    }

    @Test func `the outline lists the routes, and formatting is that of apusctl format`() throws {
        var editor = try self.editor()
        let document: JSON = ["textDocument": ["uri": "file:///etc/apus/test.cfg"]]
        let names = editor.request("textDocument/documentSymbol", document)["result"].array.compactMap {
            $0["name"].string
        }
        #expect(names == ["request_route", "route[ANSWER]", "failure_route[LATE]"])
        let edits = editor.request(
            "textDocument/formatting",
            [
                "textDocument": ["uri": "file:///etc/apus/test.cfg"],
                "options": ["tabSize": 4, "insertSpaces": true],
            ])
        #expect(edits["result"] == [])
    }

    @Test func `an included file is checked as part of the configuration that includes it`() throws {
        var editor = try Editor(options: ["mainFile": "/etc/apus/kamailio.cfg"])
        editor.open(
            "loadmodule \"sl.so\"\ninclude_file \"routes.cfg\"\nrequest_route { route(A); }\n",
            "file:///etc/apus/kamailio.cfg")
        editor.open("route[A] { sl_send_reply(\"200\", \"OK\"); }\n", "file:///etc/apus/routes.cfg")
        #expect(editor.diagnostics["file:///etc/apus/routes.cfg"] == [])
        #expect(editor.diagnostics["file:///etc/apus/kamailio.cfg"] == [])
        editor.notify(
            "textDocument/didChange",
            [
                "textDocument": ["uri": "file:///etc/apus/routes.cfg"],
                "contentChanges": [["text": "route[B] { sl_send_reply(\"200\", \"OK\"); }\n"]],
            ])
        let findings = try #require(editor.diagnostics["file:///etc/apus/kamailio.cfg"])
        #expect(findings.contains { $0["message"].string?.contains("A") == true && $0["severity"].int == 1 })
    }

    @Test func `what is no message is answered, and nothing ends the server`() throws {
        var server = try LanguageServer(moduleTypes: StandardModules.all)
        #expect(server.receive(Array("{".utf8)).first?["error"]["code"].int == -32700)
        #expect(
            server.receive(Array("{\"id\":1,\"method\":\"textDocument/hover\"}".utf8)).first?["error"]["code"].int
                == -32002)
        _ = server.receive(Array("{\"id\":1,\"method\":\"initialize\",\"params\":{}}".utf8))
        #expect(server.receive(Array("{\"id\":2,\"method\":\"no/such\"}".utf8)).first?["error"]["code"].int == -32601)
        let hover = server.receive(Array("{\"id\":3,\"method\":\"textDocument/hover\",\"params\":{}}".utf8))
        #expect(hover.first?["result"].isNull == true)
        _ = server.receive(Array("{\"id\":4,\"method\":\"shutdown\"}".utf8))
        _ = server.receive(Array("{\"method\":\"exit\"}".utf8))
        #expect(server.isShutDown && server.hasExited)
    }

    @Test func `messages are cut from any pieces of the stream`() throws {
        let message: JSON = ["jsonrpc": "2.0", "method": "x", "params": ["text": "é"]]
        let bytes = MessageFraming.frame(message) + MessageFraming.frame(message)
        var framing = MessageFraming()
        var seen = 0
        for byte in bytes {
            framing.append([byte])
            while let body = try framing.next() {
                #expect(JSON(bytes: body) == message)
                seen += 1
            }
        }
        #expect(seen == 2)
        framing.append(Array("Nonsense\r\n\r\n".utf8))
        #expect(throws: MessageFraming.Failure.noLength) { try framing.next() }
    }
}

extension String {
    /// The text before the first place of `mark`; all of it when there is none.
    fileprivate func components(before mark: String) -> String {
        guard let range = self.firstRange(of: mark) else { return self }
        return String(self[..<range.lowerBound])
    }
}
