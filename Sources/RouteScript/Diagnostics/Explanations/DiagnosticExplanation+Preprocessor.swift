// A table: exempt from the size rule.

extension DiagnosticExplanation {
    static let preprocessor: [DiagnosticExplanation] = [
        .init(
            .cannotReadFile, .file,
            "A file that the configuration names, or the configuration itself, is missing or may not be read. The path is tried as written and then from the folder of the including file.",
            wrong: #"include_file "no-such-file.cfg""#, right: #"import_file "no-such-file.cfg""#),
        .init(
            .includeTooDeep, .file,
            "Files include each other more than ten levels deep, which nearly always is a circle. The note lists the files.",
            wrong: #"include_file "kamailio.cfg""#, right: #"import_file "local.cfg""#),
        .init(
            .malformedDirective, .file,
            "A line that begins with `#!` and a directive is not complete, or the name in it holds something else than letters, digits and `_`.",
            wrong: "#!define WITH-TLS", right: "#!define WITH_TLS"),
        .init(
            .duplicateDefine, .file,
            "A name is defined a second time. Kamailio refuses that too.",
            wrong: "#!define PORT 5060\n#!define PORT 5080",
            right: "#!define PORT 5060\n#!redef PORT 5080"),
        .init(
            .unknownDefine, .file, "A name is undefined that has no definition.", wrong: "#!undef WITH_TLS",
            right: "#!tryundef WITH_TLS"),
        .init(
            .recursiveDefine, .file,
            "The value of a define leads back to its own name, so that replacing it would never end.",
            wrong: "#!define A B\n#!define B A\ndebug = A", right: "#!define A 2\n#!define B A\ndebug = B"),
        .init(
            .expansionLimit, .file,
            "Defines, or substitutions, make more text than any configuration needs: most likely each one doubles the one before.",
            wrong: "", right: ""),
        .init(
            .unbalancedConditional, .file,
            "An `#!ifdef`, `#!ifndef` or `#!ifexp` has no `#!endif`, or the other way round.",
            wrong: "#!ifdef WITH_TLS\nenable_tls = yes", right: "#!ifdef WITH_TLS\nenable_tls = yes\n#!endif"),
        .init(.conditionalTooDeep, .file, "More than 512 conditionals are open at once.", wrong: "", right: ""),
        .init(
            .badSubstitution, .file,
            "A substitution is `/expression/replacement/flags`, with any byte as separator. The expression is a POSIX extended regular expression; the flags are g, i and s.",
            wrong: ##"#!subst "/HOST/example.org""##, right: ##"#!subst "/HOST/example.org/""##),
        .init(
            .unsetEnvironment, .file, "`#!defenv` needs a variable that is set in the environment of the server.",
            wrong: "#!defenv NO_SUCH_VARIABLE", right: "#!trydefenv NO_SUCH_VARIABLE"),
        .init(.tooManyDefines, .file, "More than 65536 names are defined.", wrong: "", right: ""),
        .init(
            .unterminatedString, .body, "A quoted string goes on to the end of the file.",
            wrong: "$var(x) = \"open;", right: "$var(x) = \"closed\";"),
        .init(
            .unterminatedComment, .file,
            "A comment that begins with `/*` has no end. Such comments nest: each `/*` needs its own `*/`.",
            wrong: "/* outer /* inner */", right: "/* outer /* inner */ */"),
        .init(
            .malformedVariable, .body, "After `$` stands a name, or a name in parentheses that close on the same line.",
            wrong: "$var(x) = $ ;", right: "$var(x) = $ru;"),
        .init(
            .malformedNumber, .body, "A number does not fit in 64 bits.", wrong: "$var(x) = 99999999999999999999;",
            right: "$var(x) = 99999;"),
        .init(
            .unexpectedByte, .body, "A byte stands outside of strings and comments with which nothing begins.",
            wrong: "$var(x) = 1 ` 2;", right: "$var(x) = 1 + 2;"),
        .init(
            .inputTooLarge, .file,
            "A file is larger than 32 MiB, all of them are larger than 128 MiB, or they hold more than two million words.",
            wrong: "", right: ""),
        .init(
            .unknownDirective, .file,
            "A line begins with `#!` and a word that is nearly a directive. It is read as a comment, as Kamailio does.",
            wrong: "#!defin WITH_TLS", right: "#!define WITH_TLS"),
        .init(
            .commentHidesText, .body,
            "The value of a define is the rest of its line, with a comment in it. Where the name is used, the comment hides what follows in that line.",
            wrong: "#!define LIMIT 7 # calls\nif ($var(n) > LIMIT) exit;",
            right: "# calls\n#!define LIMIT 7\nif ($var(n) > LIMIT) exit;"),
        .init(
            .keywordDefine, .file, "Words of the language win over defines, so this define is never put in.",
            wrong: "#!define method 1", right: "#!define METHOD_LIMIT 1"),
        .init(
            .wideInteger, .body, "Kamailio up to 5.6 counts with 32 bits: there the number is another one.",
            wrong: "$var(x) = 4294967297;", right: "$var(x) = 2147483647;"),
        .init(
            .badConditionExpression, .file,
            "The expression of `#!ifexp` cannot be evaluated, and so it counts as false.",
            wrong: "#!ifexp 1 +\ndebug = 2\n#!endif", right: "#!ifexp 1 + 1\ndebug = 2\n#!endif"),
        .init(
            .missingLineEnd, .file, "The file ends right behind `#!endif`; Kamailio wants a line end there.", wrong: "",
            right: ""),
        .init(
            .ignoredDirective, .file,
            "`#!else` and `#!endif` stand alone on their line; with text behind them they are comments. A `#!define` without a name is one too.",
            wrong: "#!define", right: "#!define WITH_TLS"),
    ]
}
