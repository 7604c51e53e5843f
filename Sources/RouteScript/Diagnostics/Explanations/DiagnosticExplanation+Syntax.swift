// A table: exempt from the size rule.

extension DiagnosticExplanation {
    static let syntax: [DiagnosticExplanation] = [
        .init(
            .expectedToken, .body, "Something else must stand at this place.", wrong: "if ($rm == \"INVITE\" exit;",
            right: "if ($rm == \"INVITE\") exit;"),
        .init(
            .expectedStatement, .body,
            "A statement must begin here: an assignment, a call, `if`, `while`, `switch`, or a way out.",
            wrong: "else exit;", right: "if ($rm == \"ACK\") drop; else exit;"),
        .init(.expectedExpression, .body, "A value must stand here.", wrong: "$var(x) = ;", right: "$var(x) = 0;"),
        .init(
            .emptyBody, .body, "A block holds at least one statement; a single `;` is one.",
            wrong: "if ($rm == \"ACK\") { }",
            right: "if ($rm == \"ACK\") { ; }"),
        .init(
            .missingSemicolon, .body, "Assignments, calls and ways out end with `;`.", wrong: "$var(x) = 1\nexit;",
            right: "$var(x) = 1;\nexit;"),
        .init(
            .unclosedBlock, .file, "A block that begins here has no `}`.",
            wrong: "request_route {\n  if (is_method(\"ACK\")) {\n    exit;\n}",
            right: "request_route {\n  if (is_method(\"ACK\")) {\n    exit;\n  }\n}"),
        .init(
            .nestingTooDeep, .body,
            "Blocks or parentheses are nested more than 200 deep, or an expression has more than 1000 levels of operators: in one chain, or in chains whose operands have chains in turn, be it in parentheses, in blocks or as arguments.",
            wrong: "", right: ""),
        .init(
            .unknownOperator, .body,
            "This operator does not exist. The language has `==`, `!=`, `=~`, and `mod` for the remainder.",
            wrong: "if ($rU !~ \"^0\") exit;", right: "if (!($rU =~ \"^0\")) exit;"),
        .init(
            .unknownWord, .body, "A bare word is neither a define nor a value.", wrong: "$var(x) = LIMIT;",
            right: "#!define LIMIT 5\n$var(x) = LIMIT;"),
        .init(
            .callInArgument, .body, "A function or route cannot be called within the arguments of another one.",
            wrong: "xlog(is_method(\"ACK\"));", right: "if (is_method(\"ACK\")) xlog(\"an ACK\\n\");"),
        .init(
            .badArgumentList, .body,
            "An argument is empty or is nothing that can be an argument. Optional ones are left out together with their commas.",
            wrong: "sl_send_reply(\"404\", );", right: "sl_send_reply(\"404\", \"Not Found\");"),
        .init(
            .wrongArgumentCount, .body, "A command of the core has too many or too few arguments.",
            wrong: "setflag(1, 2);",
            right: "setflag(1);"),
        .init(
            .badCondition, .body,
            "The old keywords (`method`, `src_ip`, `proto` …) are part of one comparison and nothing else.",
            wrong: "if (src_ip > 127.0.0.1) exit;", right: "if (src_ip == 127.0.0.1) exit;"),
        .init(
            .badRouteName, .file,
            "The name of a route is a number, a word or a string; that of an event is `module:event`; the main blocks have none.",
            wrong: "event_route[start] { exit; }", right: "event_route[tm:local-request] { exit; }"),
        .init(
            .duplicateRoute, .file, "A block of this kind and name exists already.",
            wrong: "request_route { route(A); }\nroute[A] { exit; }\nroute[A] { exit; }",
            right: "request_route { route(A); route(B); }\nroute[A] { exit; }\nroute[B] { exit; }"),
        .init(
            .badAssignment, .body, "Only variables can be assigned, without transformations, and with `=` only.",
            wrong: "x = 1;",
            right: "$var(x) = 1;"),
        .init(
            .badSwitch, .body,
            "A switch holds cases and at most one default; its labels are all numbers or all strings.",
            wrong: "switch ($rm) { case 1: exit; case \"ACK\": exit; }",
            right: "switch ($rm) { case \"BYE\": exit; case \"ACK\": exit; }"),
        .init(
            .unknownRouteKind, .file, "There is no such kind of block.", wrong: "local_route { exit; }",
            right: "event_route[tm:local-request] { exit; }"),
        .init(
            .badSelect, .body, "A select is `@` and names with dots between them.", wrong: "$var(x) = @.a;",
            right: "$var(x) = $ru;"),
        .init(
            .unsupportedDialect, .body, "This is the language of another server, or of an old one.", wrong: "%x = 1;",
            right: "$avp(x) = 1;"),
        .init(
            .emptySwitch, .body, "A switch without cases does nothing.", wrong: "switch ($rm) { }",
            right: "switch ($rm) { default: exit; }"),
        .init(
            .continuedRoute, .file,
            "The main block is written twice. The second part is run after the first one, if that does not end the script.",
            wrong: "request_route { route(A); }\nrequest_route { exit; }\nroute[A] { return; }",
            right: "request_route { route(A); exit; }\nroute[A] { return; }"),
        .init(
            .assignedCondition, .body, "A condition sets a variable, with `=`; it is always true. `==` compares.",
            wrong: "if ($var(x) = 1) exit;", right: "if ($var(x) == 1) exit;"),
    ]

    static let parameters: [DiagnosticExplanation] = [
        .init(
            .unknownParameter, .file, "There is no global parameter of this name.", wrong: "chldren = 4",
            right: "children = 4"),
        .init(
            .wrongValueKind, .file, "The parameter takes a number, a string or a word, and this is another one.",
            wrong: "children = \"four\"", right: "children = 4"),
        .init(
            .badSocket, .file, "A socket is `protocol:address:port`, with the parts around the address optional.",
            wrong: "listen = udp:127.0.0.300:5060", right: "listen = udp:127.0.0.1:5060"),
        .init(
            .badPort, .file, "Ports go from 1 to 65535.", wrong: "listen = udp:127.0.0.1:70000",
            right: "listen = udp:127.0.0.1:7000"),
        .init(
            .badFlag, .file, "Flags have names, and numbers from 0 to 31.", wrong: "flags CALL:40",
            right: "flags CALL:4"),
        .init(
            .badModuleParameter, .file,
            "`modparam` takes the module, the parameter, and a value, with commas between them.",
            wrong: "modparam(\"registrar\", \"max_contacts\", TEN)",
            right: "modparam(\"registrar\", \"max_contacts\", 10)"),
        .init(
            .badModuleName, .file, "`loadmodule` takes the name of a module in quotes.", wrong: "loadmodule 5",
            right: "loadmodule \"tmx.so\""),
        .init(
            .badCustomParameter, .file,
            "A custom parameter is `group.name = value`, with a number or a string, and perhaps `desc` and a text.",
            wrong: "mygroup.limit = 10 desc 7", right: "mygroup.limit = 10 desc \"calls at once\""),
        .init(
            .obsoleteParameter, .file, "The parameter is accepted for old configurations and does nothing.", wrong: "",
            right: ""),
        .init(
            .negativeCustomParameter, .file, "Kamailio does not take negative numbers as values of custom parameters.",
            wrong: "mygroup.limit = -1", right: "mygroup.limit = 1"),
        .init(
            .repeatedParameter, .file,
            "A global parameter is set twice in one configuration. The second value counts, for what stands above too.",
            wrong: "children = 4\nchildren = 8", right: "children = 8"),
    ]
}
