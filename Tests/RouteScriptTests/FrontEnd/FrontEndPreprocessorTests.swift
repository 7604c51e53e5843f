import Testing

@testable import RouteScript

@Suite("Front end: defines")
struct FrontEndDefineTests {
    @Test func `a define is replaced and read again, so defines nest`() {
        #expect(Reading.children(Reading.file("#!define A B\n#!define B 5\nchildren=A\n")) == 5)
        #expect(Reading.body("#!define DO exit\nDO;") == "exit;")
        #expect(Reading.children(Reading.file("#!define A\nchildren=A 4\n")) == 4)
        #expect(Reading.children(Reading.file("#!define SET children=\n#!def N 6\nSET N\n")) == 6)
    }

    @Test func `the value is the rest of the line with what follows a backslash`() {
        #expect(Reading.children(Reading.file("#!define A 1\\\n2\nchildren=A\n")) == 12)
        #expect(Reading.children(Reading.file("#!define A 7   \r\nchildren=A\r\n")) == 7)
    }

    @Test func `a comment in a value goes on in the line of the use`() {
        let broken = Reading.file("request_route {\n#!define X 7 # c\nfoo(X);\n}\n")
        #expect(broken.diagnostics.hasErrors)
        #expect(broken.diagnostics.all.contains { $0.code == .commentHidesText })
        #expect(Reading.body("#!define X 7 # c\n$var(a)=X\n;") == "$var(a) = 7;")
    }

    @Test func `strings go on past the end of a value`() {
        #expect(Reading.body("#!define A \"a\nfoo(A b\");") == "foo(\"a b\");")
        #expect(Reading.body("#!define A \"a\"\nfoo(A \"b\");") == "foo(\"ab\");")
        #expect(Reading.codes(inBody: "#!define A \"b\"\nfoo(\"a\" A);") == ["E0201"])
    }

    @Test func `defines are not expanded in strings, variables and keywords`() {
        #expect(Reading.body("#!define A 5\n$var(A) = \"A\";") == "$var(A) = \"A\";")
        #expect(Reading.codes("#!define debug 3\ndebug=1\n") == ["W0103"])
    }

    @Test func `a second define is an error, trydef and redef are not`() {
        #expect(Reading.codes("#!define A 1\n#!define A 2\n") == ["E0104"])
        #expect(Reading.children(Reading.file("#!define A 1\n#!trydef A 2\nchildren=A\n")) == 1)
        #expect(Reading.children(Reading.file("#!define A 1\n#!redefine A 2\nchildren=A\n")) == 2)
        #expect(Reading.children(Reading.file("#!define A 1\n#!undef A\n#!define A 3\nchildren=A\n")) == 3)
        #expect(Reading.codes("#!undef A\n") == ["E0105"])
        #expect(Reading.codes("#!tryundef A\n") == [])
        #expect(Reading.codes("#!define A-B 1\n") == ["E0103"])
    }

    @Test func `defines that lead back to themselves end with one error`() {
        #expect(Reading.codes("#!define A A\nchildren=A\n") == ["E0106"])
        #expect(Reading.codes("#!define A B\n#!define B A\nchildren=A\n") == ["E0106"])
    }

    @Test func `defines that double at each step are stopped`() {
        var text = "#!define A0 1 1\n"
        for step in 1...40 { text += "#!define A\(step) A\(step - 1) A\(step - 1)\n" }
        let result = Reading.file(text + "children=A40\n")
        #expect(result.diagnostics.all.contains { $0.code == .expansionLimit })
    }

    @Test func `built-in defines tell version, system and loaded modules`() {
        let text = """
            #!ifdef KAMAILIO_5
            #!ifdef KAMAILIO_5_6
            #!ifdef KAMAILIO_5_6_3
            #!ifndef MOD_tm
            loadmodule "/x/tm.so"
            #!ifdef MOD_tm
            children=KAMAILIO_VERSION
            #!endif
            #!endif
            #!endif
            #!endif
            #!endif

            """
        #expect(Reading.children(Reading.file(text)) == 5_006_003)
        #expect(Reading.file("").defines["OS_NAME"]?.text == "\"linux\"")
    }

    @Test func `the command line defines before the file`() {
        #expect(Reading.children(Reading.file("children=N\n", defines: ["N=4"])) == 4)
        #expect(Reading.children(Reading.file("#!ifdef W\nchildren=9\n#!endif\n", defines: ["W"])) == 9)
        #expect(Reading.children(Reading.file("#!trydef N 5\nchildren=N\n", defines: ["N=4"])) == 4)
        #expect(Reading.file("", defines: ["1x"]).diagnostics.errorCount == 1)
    }

    @Test func `the environment can define`() {
        let environment = ["X": "5"]
        #expect(Reading.children(Reading.file("#!defenv X\nchildren=X\n", environment: environment)) == 5)
        #expect(Reading.children(Reading.file("#!defenv N=X\nchildren=N\n", environment: environment)) == 5)
        #expect(Reading.file("#!defenvs N=X\n", environment: environment).defines["N"]?.text == "\"5\"")
        #expect(Reading.codes("#!defenv NOSUCH\n") == ["E0111"])
        #expect(Reading.codes("#!trydefenv NOSUCH\n") == [])
    }
}

@Suite("Front end: conditionals")
struct FrontEndConditionalTests {
    @Test func `skipped text is not lexed`() {
        #expect(Reading.children(Reading.file("#!ifdef X\nit's \"garbage /* {\n#!endif\nchildren=3\n")) == 3)
    }

    @Test func `else flips and may be repeated`() {
        let text = "#!ifdef X\nfoo\n#!else\ndebug=1\n#!else\nfoo\n#!else\nchildren=2\n#!endif\n"
        #expect(Reading.children(Reading.file(text)) == 2)
        #expect(Reading.codes(text) == [])
    }

    @Test func `conditionals nest and may split a statement`() {
        #expect(Reading.codes("#!ifdef X\n#!ifdef Y\n#!else\n#!endif\nfoo\n#!else\nchildren=1\n#!endif\n") == [])
        #expect(Reading.body("if (1\n#!ifdef X\n&& 2\n#!else\n&& 3\n#!endif\n) exit;") == "if (&& 1 3) [exit;]")
    }

    @Test func `directives count wherever they stand, except in comments`() {
        #expect(Reading.codes("#!ifdef X\n# foo #!endif\nchildren=1\n") == [])
        #expect(Reading.children(Reading.file("debug=1 #!define N 5\nchildren=N\n")) == 5)
        #expect(Reading.codes("debug=1 # #!define N 5\n#!define N 6\n") == [])
        #expect(Reading.children(Reading.file("!!define N 5\nchildren=N\n")) == 5)
    }

    @Test func `what stands behind a directive is ignored, or makes it a comment`() {
        #expect(Reading.children(Reading.file("#!define X\n#!ifdef X # yes\nchildren=1\n#!endif\n")) == 1)
        #expect(Reading.codes("#!define X\n#!ifdef X\n#!else # no\nchildren=1\n#!endif\n") == ["W0107"])
    }

    @Test func `unbalanced conditionals are errors where they stand`() {
        #expect(Reading.places("debug=1\n#!ifdef X\nfoo\n") == ["2:1 E0108"])
        #expect(Reading.places("debug=1\n#!endif\n") == ["2:1 E0108"])
        #expect(Reading.places("debug=1\n#!else\n") == ["2:1 E0108"])
        let deep = String(repeating: "#!ifndef X\n", count: 2000)
        #expect(Reading.codes(deep).contains("E0109"))
    }

    @Test func `ifexp compares numbers, strings and defines`() {
        let defines = "#!define N 5\n#!define S \"abc\"\n#!define E\n"
        func holds(_ expression: String) -> Bool {
            Reading.children(
                Reading.file(defines + "#!ifexp \(expression)\nchildren=1\n#!endif\n")
            ) == 1
        }
        #expect(holds("KAMAILIO_VERSION >= 5006003"))
        #expect(!holds("KAMAILIO_VERSION >= 5007000"))
        #expect(holds("N == 5 && S == \"abc\""))
        #expect(holds("E"))
        #expect(!holds("UNDEFINED"))
        #expect(holds("!UNDEFINED || N > 9"))
        #expect(holds("2 + 3 * 4 == 14 && (2 + 3) * 4 == 20 && 2 ** 3 == 8"))
        #expect(holds("1 << 4 == 16"))
        #expect(holds("OS_NAME == 'linux'"))
        #expect(!holds("1 / 0"))
        #expect(!holds("N =="))
        #expect(!holds("S - 1"))
    }

    @Test func `defexp gives integers without a fraction`() {
        let result = Reading.file("#!define N 5\n#!defexp M N * 2 + 1\n#!defexps S \"a\" + N\nchildren=M\n")
        #expect(Reading.children(result) == 11)
        #expect(result.defines["S"]?.text == "\"a5\"")
    }

    @Test func `a misspelt directive is a comment with a warning`() {
        #expect(Reading.codes("#!ifdeff X\n#!KAMAILIO\n#!SER\n#!/usr/bin\n#!something\n") == ["W0101"])
        #expect(Reading.codes("#!define\n#!define 1A\n") == ["W0107", "W0107"])
    }
}

@Suite("Front end: substitutions and includes")
struct FrontEndTextSourceTests {
    private func alias(_ result: ParsedConfiguration) -> String? {
        for case .alias(let node) in result.configuration.statements { return node.items.first?.hosts.first?.text }
        return nil
    }

    @Test func `rules change later strings and variables in their order`() {
        #expect(self.alias(Reading.file("#!subst \"/x(.)/<\\\\1>/\"\n#!subst \"/</[/g\"\nalias=\"axby\"\n")) == "a[b>y")
        let result = Reading.file("#!subst \"/foo/bar/\"\nrequest_route { $var(foo) = \"FOO foo\"; }\n")
        if case .route(let block)? = result.configuration.statements.first {
            #expect(TreeText.of(block.body) == "$var(bar) = \"FOO bar\";")
        }
        #expect(self.alias(Reading.file("#!subst \"|o|0|gi\"\nalias=\"fOo\"\n")) == "f00")
    }

    @Test func `substdef also defines, substdefs with quotes`() {
        let plain = Reading.file("#!substdef \"/N/5/\"\nchildren=N\nalias=\"xNx\"\n")
        #expect(Reading.children(plain) == 5)
        #expect(self.alias(plain) == "x5x")
        let quoted = Reading.file("#!substdefs \"!H!$env(X)!\"\nalias=H\n", environment: ["X": "a.org"])
        #expect(self.alias(quoted) == "a.org")
    }

    @Test func `the command line can substitute`() {
        let result = Reading.file(
            "alias=\"ab\" children=N\n", substitutions: [.init(.plain, "/b/c/"), .init(.define, "/N/3/")]
        )
        #expect(self.alias(result) == "ac")
        #expect(Reading.children(result) == 3)
    }

    @Test func `malformed rules are errors`() {
        #expect(Reading.codes("#!subst \"/a/b\"\n") == ["E0110"])
        #expect(Reading.codes("#!subst \"/(a/b/\"\n") == ["E0110"])
        #expect(Reading.codes("#!subst \"/a/b/q\"\n") == ["E0110"])
        #expect(Reading.codes("#!subst /a/b/\n").contains("E0103"))
    }

    @Test func `includes are looked up as given, then beside the including file`() {
        let files = [
            "/etc/a/main.cfg": "include_file \"sub/b.cfg\"\n", "/etc/a/sub/b.cfg": "include_file \"c.cfg\"\n",
            "/etc/a/sub/c.cfg": "#!define N 7\nchildren=N\n",
        ]
        let result = FrontEnd.parse(path: "/etc/a/main.cfg", options: FrontEndOptions(files: .memory(files)))
        #expect(result.diagnostics.isEmpty)
        #expect(Reading.children(result) == 7)
    }

    @Test func `a missing file is an error to include and nothing to import`() {
        #expect(Reading.codes("include_file \"x\"\n") == ["E0101"])
        #expect(Reading.codes("#!include_file \"x\"\n") == ["E0101"])
        #expect(Reading.codes("import_file \"x\"\n#!import_file \"y\" children=4\n") == [])
        #expect(Reading.codes("import_file 'x'\n").contains("E0103"))
    }

    @Test func `defines of an imported file hold in the rest of the main file`() {
        let text = "import_file \"l.cfg\"\n#!ifdef W\nchildren=2\n#!endif\n"
        let result = Reading.file(text, files: ["l.cfg": "#!define W"])
        #expect(Reading.children(result) == 2)
    }

    @Test func `includes work inside of route bodies`() {
        let result = Reading.file("request_route {\ninclude_file \"b\"\nexit; }\n", files: ["b": "$var(x) = 1;\n"])
        #expect(result.diagnostics.isEmpty)
        if case .route(let block)? = result.configuration.statements.first {
            #expect(TreeText.of(block.body) == "$var(x) = 1; exit;")
        }
    }

    @Test func `files that include themselves are stopped`() {
        let result = Reading.file("include_file \"a\"\n", files: ["a": "include_file \"a\"\n"])
        #expect(result.diagnostics.all.map(\.code.id) == ["E0102"])
    }

    @Test func `the resolved text has includes put in and conditionals taken out`() {
        let text = """
            debug=1
              include_file "i"
            #!ifdef X
            foo
            #!else
            # kept
            port=5060
            #!endif
            #!define A 5
            children=A

            """
        let result = Reading.file(text, files: ["i": "fork=no\n"], resolving: true)
        #expect(
            String(decoding: result.resolvedText, as: UTF8.self)
                == "debug=1\n  fork=no\n\n# kept\nport=5060\n#!define A 5\nchildren=A\n"
        )
    }

    @Test func `comments nest and need their ends`() {
        #expect(Reading.children(Reading.file("/* a /* b */ c */ children=2 // x\n# y\n")) == 2)
        #expect(Reading.codes("/* a /* b */\n") == ["E0114"])
    }
}
