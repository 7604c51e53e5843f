// A table: exempt from the size rule.

extension DiagnosticExplanation {
    static let script: [DiagnosticExplanation] = [
        .init(
            .unknownFunction, .body,
            "No loaded module has a function of this name. When a module that is not loaded has it, its `loadmodule` line is shown; else the nearest name.",
            wrong: "t_relai();", right: "t_relay();"),
        .init(
            .notBuilt, .body, "Kamailio has this, and this server does not have it yet. Nothing is silently left out.",
            wrong: "ds_select_dst(1, 4);", right: "$du = \"sip:192.0.2.1\";"),
        .init(
            .wrongArity, .body, "The function takes another number of arguments.", wrong: "sl_send_reply(\"404\");",
            right: "sl_send_reply(\"404\", \"Not Found\");"),
        .init(
            .wrongRouteKind, .file,
            "The function cannot be used in this kind of block. What counts is the block in which the call is written.",
            wrong: "request_route { t_relay(); }\nreply_route { t_relay(); }",
            right: "request_route { t_relay(); }\nreply_route { exit; }"),
        .init(
            .badArgument, .body,
            "The argument cannot be used: it is no number, names nothing that exists, or is malformed.",
            wrong: "xlog(\"100 $\");", right: "xlog(\"100 $$\");"),
        .init(
            .unknownVariable, .body,
            "No loaded module has a variable of this name, or it is used with or without parentheses where it must not be. In strings a name may hold dots: `$ru.` is not `$ru`; write `$(ru).`.",
            wrong: "xlog(\"to $ru.\\n\");", right: "xlog(\"to $(ru).\\n\");"),
        .init(
            .unknownRoute, .file,
            "`route(NAME)` calls a block that does not exist. Kamailio finds this only when it starts, not with -c.",
            wrong: "request_route { route(RELAI); }\nroute[RELAY] { exit; }",
            right: "request_route { route(RELAY); }\nroute[RELAY] { exit; }"),
        .init(
            .badRegex, .body,
            "The expression is no POSIX extended regular expression, or it would need too much memory.",
            wrong: "if ($rU =~ \"^(00\") exit;", right: "if ($rU =~ \"^00\") exit;"),
        .init(
            .wrongOperandType, .body,
            "The operator needs numbers and gets a string. The left operand decides: a string takes what is right of it as a string, a number does not.",
            wrong: "if (5 == \"five\") exit;", right: "if ($var(x) == \"five\") exit;"),
        .init(
            .readOnlyVariable, .body, "The variable can only be read, or it has a transformation.",
            wrong: "$rm = \"ACK\";", right: "$rU = \"alice\";"),
        .init(
            .badLabel, .body, "A label of a switch is a constant.", wrong: "switch ($rm) { case $var(x): exit; }",
            right: "switch ($rm) { case \"ACK\": exit; }"),
        .init(
            .duplicateLabel, .body, "The same label stands twice in one switch; the second one could never be taken.",
            wrong: "switch ($rm) { case \"ACK\": exit; case \"ACK\": exit; }",
            right: "switch ($rm) { case \"ACK\": exit; case \"BYE\": exit; }"),
    ]

    static let loading: [DiagnosticExplanation] = [
        .init(
            .unknownModule, .file,
            "This build has no such module: the name is misspelled, or the module is not built yet.",
            wrong: "loadmodule \"siputil.so\"", right: "loadmodule \"tmx.so\""),
        .init(
            .duplicateModule, .file, "A module is loaded once.", wrong: "loadmodule \"tmx.so\"\nloadmodule \"tmx.so\"",
            right: "loadmodule \"tmx.so\""),
        .init(
            .moduleNotLoaded, .file, "Parameters are set below the line that loads their module.",
            wrong: "modparam(\"maxfwd\", \"max_limit\", 16)\nloadmodule \"maxfwd.so\"",
            right: "loadmodule \"maxfwd.so\"\nmodparam(\"maxfwd\", \"max_limit\", 16)"),
        .init(
            .unknownModuleParameter, .file,
            "The module has no such parameter, or the value has the wrong type or is out of range. Types are strict: \"30\" is no number.",
            wrong: "modparam(\"tm\", \"fr_timer\", \"30000\")", right: "modparam(\"tm\", \"fr_timer\", 30000)"),
        .init(
            .moduleRefused, .file,
            "The module cannot work with what was configured; most often it needs another module.",
            wrong: "", right: ""),
        .init(
            .badSetting, .file, "The value of a global parameter means nothing.", wrong: "log_facility = LOG_LOCAL9",
            right: "log_facility = LOG_LOCAL1"),
        .init(
            .unsupportedEngine, .file, "Routing in another language is not built yet.", wrong: "cfgengine \"lua\"",
            right: "cfgengine \"native\""),
        .init(
            .noRequestRoute, .file, "Without `request_route` nothing would be done with any request.",
            wrong: "route[A] { exit; }",
            right: "request_route { exit; }"),
    ]

    static let checks: [DiagnosticExplanation] = [
        .init(
            .unreachable, .body, "Every way to this statement ends or leaves before it.",
            wrong: "exit;\nxlog(\"gone\\n\");",
            right: "xlog(\"going\\n\");\nexit;"),
        .init(
            .unusedRoute, .file, "No block that can run calls this one, no function arms it, and no string names it.",
            wrong: "request_route { exit; }\nroute[OLD] { exit; }",
            right: "request_route { route(OLD); }\nroute[OLD] { exit; }"),
        .init(
            .unknownEvent, .file, "Nothing raises this event, so the block never runs. Kamailio says nothing.",
            wrong: "event_route[tm:local-requests] { exit; }", right: "event_route[tm:local-request] { exit; }"),
        .init(
            .constantCondition, .body,
            "The condition has the same value whatever happens. Typical: `\"A\" || \"B\"` behind a comparison, `!=` with `||`, the code of a call compared with something else than 1 and 0, `$var(x) == $null`.",
            wrong: "if ($rm != \"INVITE\" || $rm != \"ACK\") exit;",
            right: "if ($rm != \"INVITE\" && $rm != \"ACK\") exit;"),
        .init(
            .wrongCaller, .file,
            "In a `route[…]` functions are checked as for requests. This one is called from a block that runs for something else, where the function fails. A block that asks what it runs for (is_request(), $rm …) is left in peace.",
            wrong: "request_route { route(OUT); }\nreply_route { route(OUT); }\nroute[OUT] { record_route(); }",
            right:
                "request_route { route(OUT); }\nreply_route { route(OUT); }\nroute[OUT] { if (is_request()) record_route(); }"
        ),
        .init(
            .neverAssigned, .body,
            "The variable is read, and nothing sets it: no assignment, no function or parameter that is given its name.",
            wrong: "if ($avp(limit) == 1) exit;", right: "$avp(limit) = 1;\nif ($avp(limit) == 1) exit;"),
        .init(
            .literalVariable, .body,
            "Only arguments of functions are expanded. A string in an assignment or a comparison is taken as it stands.",
            wrong: "$var(x) = \"sip:$rU\";", right: "$var(x) = \"sip:\" + $rU;"),
        .init(
            .sharedFlag, .file,
            "One flag has two names, or is used by its number though a name was given to it: setting the one sets the other.",
            wrong: "#!define FLT_ACC 1\n#!define FLT_NAT 1\nrequest_route { setflag(FLT_ACC); setflag(FLT_NAT); }",
            right: "#!define FLT_ACC 1\n#!define FLT_NAT 2\nrequest_route { setflag(FLT_ACC); setflag(FLT_NAT); }"),
        .init(
            .incompatibleComparison, .body,
            "A number is compared with a string that is none; the string counts as 0, and a number is never empty.",
            wrong: "if ($(rU{s.len}) == \"\") exit;", right: "if ($(rU{s.len}) == 0) exit;"),
        .init(
            .surprisingPrecedence, .body,
            "The operators bind otherwise than it looks: `!$x == 1` compares the result of `!`, and `$x & 1 == 1` compares 1 with 1 first.",
            wrong: "if ($var(x) & 1 == 1) exit;", right: "if (($var(x) & 1) == 1) exit;"),
        .init(
            .repeatedCondition, .body,
            "The same condition was asked before in this chain, so that this branch is never taken.",
            wrong: "if ($rm == \"BYE\") exit;\nelse if ($rm == \"BYE\") drop;",
            right: "if ($rm == \"BYE\") exit;\nelse if ($rm == \"ACK\") drop;"),
    ]
}
