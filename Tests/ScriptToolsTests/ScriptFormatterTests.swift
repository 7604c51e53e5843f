import Bytes
import Foundation
import Testing

@testable import RouteScript
@testable import ScriptTools

@Suite("Formatter of configurations")
struct ScriptFormatterTests {
    private func format(_ text: String, _ options: FormatOptions = FormatOptions(indentation: .spaces(4))) -> String {
        String(decoding: ScriptFormatter.format(Array(text.utf8), options: options), as: UTF8.self)
    }

    @Test func `blocks are indented and operators stand between blanks`() {
        let text = """
            request_route{
            if(is_method("INVITE")&&$rU!=$null){
            $var(a)=1+$var(b);
            xlog("L_INFO","called $rU\\n") ;
            }else{
              exit;
            }
            }
            """
        #expect(
            self.format(text) == """
                request_route{
                    if (is_method("INVITE") && $rU != $null) {
                        $var(a) = 1 + $var(b);
                        xlog("L_INFO", "called $rU\\n");
                    } else {
                        exit;
                    }
                }

                """)
    }

    @Test func `statements without braces, labels and continued lines are indented`() {
        let text = """
            request_route {
            if (uri == myself)
            if ($si == "1.2.3.4")
            exit;
            switch ($rc) {
            case -1:
            case 2:
            route(A);
            break;
            default:
            exit;
            }
            if (is_method("INVITE") ||
            is_method("BYE")) {
            exit;
            }
            $var(x) = "a"
            "b";
            }
            """
        #expect(
            self.format(text) == """
                request_route {
                    if (uri == myself)
                        if ($si == "1.2.3.4")
                            exit;
                    switch ($rc) {
                        case -1:
                        case 2:
                            route(A);
                            break;
                        default:
                            exit;
                    }
                    if (is_method("INVITE") ||
                        is_method("BYE")) {
                        exit;
                    }
                    $var(x) = "a"
                        "b";
                }

                """)
    }

    @Test func `directives, strings and comments keep their bytes`() {
        let text = """
            \t#!define X 7  # part of the value \u{20}
            /*
                 * star
              text
            */
            route[A] {
            \t  #!ifdef X
              xlog("two
            lines  ,here");   # why
            #!else
            if (1) {
            #!endif
                    }
            """
        let formatted = self.format(text)
        #expect(formatted.contains("\n#!ifdef X\n"))
        #expect(formatted.hasPrefix("#!define X 7  # part of the value  \n"))
        #expect(formatted.contains("/*\n * star\n  text\n */\n"))
        #expect(formatted.contains("    xlog(\"two\nlines  ,here\");   # why\n"))
    }

    @Test func `an apostrophe in text that is skipped does not swallow the file`() {
        let text = """
            #!ifdef NEVER
              it's   text ( that nobody reads
            #!endif
            request_route {
              exit;
            }
            """
        #expect(
            self.format(text) == """
                #!ifdef NEVER
                  it's   text ( that nobody reads
                #!endif
                request_route {
                    exit;
                }

                """)
    }

    @Test func `both branches of a conditional begin at the same depth`() {
        let text = """
            route[A] {
            #!ifdef X
            if ($si == "a") {
            #!else
            if ($si == "b") {
            #!endif
            exit;
            }
            }
            """
        #expect(
            self.format(text) == """
                route[A] {
                #!ifdef X
                    if ($si == "a") {
                #!else
                    if ($si == "b") {
                #!endif
                        exit;
                    }
                }

                """)
    }

    @Test(arguments: 0..<200)
    func `any text keeps what is not blank`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let alphabet = Array("{}();,$#!\"'/*\\ \t\n=&|+-<>ab1[]:@.\r".utf8) + Array("#!ifdef #!endif if ( case".utf8)
        let text = (0..<400).map { _ in alphabet[Int(generator.next() % UInt64(alphabet.count))] }
        let formatted = ScriptFormatter.layOut(text, FormatOptions())
        #expect(formatted.filter { !$0.isSpace } == text.filter { !$0.isSpace })
    }

    /// Configurations of the repository.
    static let configurations: [String] = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let found = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
        var paths: [String] = []
        while let url = found?.nextObject() as? URL {
            if url.lastPathComponent.hasPrefix(".build") { found?.skipDescendants() }
            if url.pathExtension == "cfg" { paths.append(url.path) }
        }
        return paths.sorted()
    }()

    @Test(arguments: configurations)
    func `the tokens stay the same, and a second run changes nothing`(path: String) throws {
        let original = try [UInt8](Data(contentsOf: URL(filePath: path)))
        let formatted = ScriptFormatter.format(original)
        #expect(ScriptFormatter.format(formatted) == formatted)
        for defines in [[], ["WITH_NAT", "WITH_AUTH", "WITH_ANTIFLOOD", "WITH_TLS", "WITH_PSTN", "WITH_VOICEMAIL"]] {
            #expect(self.tokens(original, defines) == self.tokens(formatted, defines))
        }
    }

    /// Kinds and contents, without places.
    private func tokens(_ bytes: [UInt8], _ defines: [String]) -> [String] {
        let options = FrontEndOptions(defines: defines, files: .memory([:]))
        let lexer = Lexer(files: options.files, collectsResolvedText: false)
        lexer.prepare(options)
        lexer.open(bytes, path: "kamailio.cfg", includedAt: .none)
        lexer.run()
        return lexer.tokens.map { token in
            switch token.kind {
            case .string(let literal): "string \(literal.text)"
            case .variable(let variable): "variable \(variable.text)"
            default: "\(token.kind)"
            }
        }
    }
}
