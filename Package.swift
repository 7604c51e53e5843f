// swift-tools-version: 6.2
import PackageDescription

// The map of the street: one line per room, its dependencies on the line. A room may import only what its line names
// (the build refuses the rest), and the lines are in order: nothing depends on what stands below it.

let strict: [SwiftSetting] = [.strictMemorySafety(), .treatAllWarnings(as: .error)]
let lifetimes: [SwiftSetting] = strict + [.enableExperimentalFeature("Lifetimes")]

/// Of programs that are servers, or measure one. Linked in, so that it is not one more library to have where they run.
let allocator: [LinkerSetting] = [.linkedLibrary("jemalloc_pic", .when(traits: ["jemalloc"]))]

func room(_ name: String, _ dependencies: [Target.Dependency], _ settings: [SwiftSetting] = strict) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(
        name: name,
        dependencies: ["Bytes", "SIPMessage", "ModuleKit"] + dependencies,
        path: "Modules/\(name)/Sources",
        swiftSettings: strict
    )
}

func tests(_ name: String, _ dependencies: [Target.Dependency], path: String? = nil) -> Target {
    .testTarget(name: name, dependencies: dependencies, path: path, swiftSettings: strict)
}

/// Tests beside a module: values, and scenarios on fakes.
func moduleTests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    tests(
        "\(name)ModuleTests",
        [.target(name: name), "Bytes", "SIPMessage", "ModuleKit", "SIPTesting"] + dependencies,
        path: "Modules/\(name)/Tests"
    )
}

let moduleNames = [
    "acc",
    "alias_db",
    "async",
    "auth",
    "auth_db",
    "avpops",
    "cfg_rpc",
    "cfgutils",
    "core",
    "corex",
    "counters",
    "ctl",
    "db_sqlite",
    "db_text",
    "debugger",
    "dialplan",
    "dlgs",
    "domain",
    "group",
    "htable",
    "http_async_client",
    "http_client",
    "ipops",
    "jsonrpcs",
    "kex",
    "math",
    "maxfwd",
    "mqueue",
    "outbound",
    "path",
    "permissions",
    "pike",
    "pipelimit",
    "pv",
    "ratelimit",
    "registrar",
    "rr",
    "rtimer",
    "sanity",
    "sdpops",
    "secfilter",
    "siputils",
    "sl",
    "speeddial",
    "sqlops",
    "statistics",
    "tcpops",
    "textops",
    "textopsx",
    "timer",
    "tm",
    "tmx",
    "uac",
    "uac_redirect",
    "uri_db",
    "usrloc",
    "uuid",
    "xhttp",
    "xlog",
]

let package = Package(
    name: "apus",
    products: [
        .library(name: "SIPMessage", targets: ["SIPMessage"]),
        .library(name: "SIPTransaction", targets: ["SIPTransaction"]),
        .library(name: "SIPTransport", targets: ["SIPTransport"]),
        // No stable interface: for the packages in Fuzz and Benchmarks.
        .library(name: "RouteScript", targets: ["RouteScript", "ModuleKit", "Bytes"]),
        .library(name: "StandardModules", targets: ["StandardModules"]),
        .library(name: "Simulation", targets: ["Simulation"]),
        .library(name: "Bytes", targets: ["Bytes"]),
        .library(name: "FuzzTargets", targets: ["FuzzTargets"]),
        .executable(name: "apus", targets: ["apus"]),
        .executable(name: "apusctl", targets: ["apusctl"]),
        .executable(name: "apusdoc", targets: ["apusdoc"]),
    ],
    traits: [
        .trait(name: "jemalloc", description: "The server's memory comes from jemalloc, not from the C library."),
        .default(enabledTraits: ["jemalloc"]),
    ],
    dependencies: [
        // For apusctl only; the server parses Kamailio's options by hand.
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2")
    ],
    targets: [
        .target(name: "CLinux"),
        // libcurl's headers at build time; the library itself is opened when a module that needs it is loaded.
        .target(name: "CCurl", linkerSettings: [.linkedLibrary("dl")]),
        room("Bytes", ["CLinux"], lifetimes),
        room("SIPMessage", ["Bytes"], lifetimes),
        room("SIPTransaction", ["Bytes", "SIPMessage"]),
        // DNS: everything that a server asks of names goes through c-ares.
        .target(name: "CAres", linkerSettings: [.linkedLibrary("cares")]),
        room("SIPTransport", ["CLinux", "CAres", "Bytes", "SIPMessage"]),
        room("ModuleKit", ["Bytes", "SIPMessage"]),
        room("Database", ["Bytes", "ModuleKit"]),
        // SQLite's C interface, a library of the system.
        .target(name: "CSQLite", linkerSettings: [.linkedLibrary("sqlite3")]),
        room("HTTPTransfer", ["CCurl", "Bytes", "SIPTransport", "ModuleKit"]),
        // OpenSSL as the system has it: digests.
        .target(name: "COpenSSL", linkerSettings: [.linkedLibrary("crypto")]),
        room("Digests", ["COpenSSL", "Bytes"]),
        // Perl-compatible regular expressions, a library of the system.
        .target(name: "CPCRE", linkerSettings: [.linkedLibrary("pcre2-8")]),
        room("PerlExpressions", ["CPCRE", "Bytes"]),
        room("RouteScript", ["Bytes", "SIPMessage", "ModuleKit"]),
        room("ControlProtocol", ["Bytes", "ModuleKit"]),

        module("core"),
        module("sl"),
        module("tm", ["SIPTransaction", "sl"]),
        module("tmx", ["tm"]),
        module("rr"),
        module("pv"),
        module("maxfwd"),
        module("usrloc", ["Database"]),
        module("registrar", ["usrloc", "sl"]),
        module("auth", ["sl", "Digests"]),
        module("auth_db", ["auth", "Database"]),
        module("textops"),
        module("textopsx"),
        module("siputils"),
        module("xlog"),
        module("sanity", ["sl"]),
        module("acc", ["tm", "Database"]),
        module("counters"),
        module("dlgs", ["tm"]),
        module("cfg_rpc"),
        module("xhttp"),
        module("jsonrpcs", ["ControlProtocol", "xhttp"]),
        module("ctl", ["ControlProtocol"]),
        module("kex"),
        module("corex"),
        module("async", ["tm"]),
        module("avpops", ["textops", "Database"]),
        module("cfgutils", ["pv"]),
        module("db_sqlite", ["CSQLite", "Database"]),
        module("db_text", ["Database"]),
        module("debugger"),
        module("htable", ["Database"]),
        module("http_async_client", ["tm", "HTTPTransfer"]),
        module("http_client", ["HTTPTransfer"]),
        module("ipops"),
        module("math"),
        module("mqueue"),
        module("outbound", ["rr", "Digests"]),
        module("path", ["rr"]),
        module("permissions", ["Database"]),
        module("pike"),
        module("ratelimit"),
        module("pipelimit", ["ratelimit", "sl", "Database"]),
        module("alias_db", ["Database"]),
        module("domain", ["Database"]),
        module("speeddial", ["Database"]),
        module("dialplan", ["PerlExpressions", "Database"]),
        module("group", ["auth", "Database"]),
        module("uri_db", ["auth", "Database"]),
        module("rtimer"),
        module("sdpops"),
        module("secfilter", ["Database"]),
        module("sqlops", ["Database"]),
        module("statistics"),
        module("tcpops"),
        module("timer"),
        module("uac", ["tm", "rr", "pv", "Database"]),
        module("uac_redirect", ["tm", "acc"]),
        module("uuid"),

        room("ApusServer", ["CLinux", "Bytes", "SIPMessage", "SIPTransport", "ModuleKit", "RouteScript"]),
        room("StandardModules", ["ModuleKit"] + moduleNames.map { .target(name: $0) }),
        // What fuzzed bytes are given to; compiled and tested here, driven by the package in Fuzz.
        .target(
            name: "FuzzTargets",
            dependencies: [
                "Bytes", "SIPMessage", "SIPTransport", "ModuleKit", "RouteScript", "StandardModules", "Database",
                "ControlProtocol", "HTTPTransfer", "PerlExpressions", "ApusServer", "permissions", "usrloc", "db_text",
                "uac", "jsonrpcs",
            ],
            path: "Fuzz/Sources/FuzzTargets", swiftSettings: strict),
        room("Simulation", ["Bytes", "SIPMessage", "ModuleKit", "RouteScript", "ApusServer"]),
        room(
            "SIPTesting", ["Bytes", "SIPMessage", "SIPTransport", "ModuleKit", "RouteScript", "ApusServer", "Database"]),
        .executableTarget(
            name: "apus", dependencies: ["ApusServer", "Simulation", "StandardModules"], swiftSettings: strict,
            linkerSettings: allocator),
        .target(name: "CTerminal"),
        room("Administration", ["Bytes", "SIPMessage", "ModuleKit", "Database", "Digests"]),
        room("ControlClient", ["Bytes", "ModuleKit", "SIPTransport", "ControlProtocol"]),
        room("ModuleCatalogue", ["ModuleKit", "RouteScript"]),
        room("ScriptTools", ["Bytes", "SIPMessage", "ModuleKit", "ModuleCatalogue", "RouteScript"]),
        .executableTarget(
            name: "apusctl",
            dependencies: [
                "Bytes", "ModuleKit", "ControlClient", "ScriptTools", "ApusServer", "Simulation", "StandardModules",
                "Administration", "CTerminal", "Database", "Digests", "db_sqlite", "db_text",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict
        ),
        // What a step of a message's way costs: `make bench`.
        .executableTarget(
            name: "layers",
            dependencies: [
                "Bytes", "SIPMessage", "Digests", "SIPTransport", "ModuleKit", "RouteScript", "SIPTesting",
                "StandardModules", "usrloc",
            ],
            path: "Benchmarks/layers/Sources", swiftSettings: strict, linkerSettings: allocator),
        // How far workers are in each other's way.
        .executableTarget(
            name: "scaling",
            dependencies: ["ApusServer", "Bytes", "SIPMessage", "SIPTransport", "StandardModules"],
            path: "Benchmarks/scaling/Sources", swiftSettings: strict, linkerSettings: allocator),
        .executableTarget(
            name: "apusdoc",
            dependencies: [
                "Bytes", "SIPMessage", "ModuleKit", "ModuleCatalogue", "RouteScript", "StandardModules", "Database",
            ],
            swiftSettings: strict
        ),

        tests("BytesTests", ["Bytes"]),
        tests("SIPMessageTests", ["SIPMessage", "Bytes"]),
        tests("SIPTransactionTests", ["SIPTransaction", "SIPMessage", "Bytes"]),
        tests("SIPTransportTests", ["SIPTransport", "SIPMessage", "Bytes"]),
        tests("DatabaseTests", ["Database", "ModuleKit", "Bytes", "SIPMessage", "SIPTesting"]),
        tests(
            "AdministrationTests",
            ["Administration", "Database", "Digests", "db_sqlite", "db_text", "ModuleKit", "SIPMessage", "Bytes"]),
        tests("HTTPTransferTests", ["HTTPTransfer", "Bytes"]),
        tests("RouteScriptTests", ["RouteScript", "ModuleKit", "SIPMessage", "Bytes"]),
        tests("ControlProtocolTests", ["ControlProtocol", "ModuleKit", "Bytes"]),
        tests("DiagnosticsTests", ["RouteScript", "StandardModules", "ModuleKit", "Bytes"]),
        tests(
            "ControlClientTests",
            ["ControlClient", "ControlProtocol", "SIPTransport", "ModuleKit", "SIPTesting", "Bytes"]),
        tests("ScriptToolsTests", ["ScriptTools", "RouteScript", "StandardModules", "ModuleKit", "Bytes"]),
        tests("SimulationTests", ["Simulation", "ApusServer", "StandardModules", "ModuleKit", "SIPMessage", "Bytes"]),
        tests(
            "LocationDatabaseTests",
            [
                "Database", "Digests", "usrloc", "registrar", "auth", "auth_db", "sl", "ModuleKit", "SIPMessage",
                "SIPTesting", "Bytes",
            ]),
        tests(
            "DatabaseUserTests",
            [
                "Database", "Digests", "usrloc", "registrar", "auth", "auth_db", "alias_db", "domain", "speeddial",
                "permissions", "acc", "avpops", "htable", "sqlops", "db_sqlite", "sl", "pv", "tm", "textops",
                "ModuleKit", "SIPMessage", "SIPTesting", "Bytes",
            ]),
        tests("FuzzTargetTests", ["FuzzTargets", "Bytes"]),
        moduleTests("core"),
        moduleTests("pv"),
        moduleTests("xlog"),
        moduleTests("maxfwd"),
        moduleTests("siputils", ["pv"]),
        moduleTests("textops"),
        moduleTests("textopsx"),
        moduleTests("kex"),
        moduleTests("corex"),
        moduleTests("counters"),
        moduleTests("sl"),
        moduleTests("rr"),
        moduleTests("tm", ["Simulation", "ApusServer", "StandardModules"]),
        moduleTests("usrloc", ["Database"]),
        moduleTests("registrar", ["usrloc", "sl", "core", "pv"]),
        moduleTests("auth", ["sl", "Digests"]),
        moduleTests("sanity", ["sl"]),
        moduleTests("acc", ["tm", "pv", "Database"]),
        moduleTests("dlgs", ["tm", "sl"]),
        moduleTests("cfg_rpc", ["core", "pv", "xlog", "maxfwd"]),
        moduleTests("async", ["tm", "tmx", "sl"]),
        moduleTests("avpops", ["Database", "db_sqlite", "core", "pv", "xlog", "textops"]),
        moduleTests("cfgutils"),
        moduleTests("db_sqlite", ["Database", "CSQLite"]),
        moduleTests("db_text", ["Database"]),
        moduleTests("debugger", ["core", "pv", "xlog"]),
        moduleTests("htable", ["core", "pv", "xlog", "Database", "db_sqlite"]),
        moduleTests("http_async_client", ["tm", "HTTPTransfer"]),
        moduleTests("http_client", ["HTTPTransfer"]),
        moduleTests("ipops"),
        moduleTests("jsonrpcs", ["ControlProtocol", "xhttp", "core", "pv", "xlog", "htable"]),
        moduleTests("math"),
        moduleTests("mqueue", ["core", "pv", "xlog"]),
        moduleTests("permissions", ["Database", "core", "pv"]),
        moduleTests("pike", ["core", "pv", "htable", "xlog"]),
        moduleTests("ratelimit", ["pv"]),
        moduleTests("pipelimit", ["ratelimit", "sl", "Database", "pv"]),
        moduleTests("speeddial", ["Database", "pv"]),
        moduleTests("alias_db", ["Database", "pv"]),
        moduleTests("dialplan", ["Database", "PerlExpressions", "core", "pv", "xlog"]),
        moduleTests("group", ["Database", "pv"]),
        moduleTests("uri_db", ["Database", "pv"]),
        moduleTests("domain", ["Database", "pv"]),
        moduleTests("outbound", ["rr", "path"]),
        moduleTests("path", ["rr"]),
        moduleTests("rtimer", ["core", "pv", "xlog"]),
        moduleTests("sdpops"),
        moduleTests("secfilter", ["Database", "pv"]),
        moduleTests("sqlops", ["Database", "db_sqlite", "core", "pv", "xlog"]),
        moduleTests("statistics"),
        moduleTests("uuid"),
        moduleTests("xhttp", ["pv"]),
        moduleTests("tcpops", ["pv"]),
        moduleTests("timer", ["core", "pv", "xlog"]),
        moduleTests("uac_redirect", ["Simulation", "ApusServer", "StandardModules"]),
        moduleTests("uac", ["Simulation", "ApusServer", "StandardModules", "Database"]),
        tests(
            "ApusServerTests",
            [
                "ApusServer", "StandardModules", "ControlClient", "ModuleKit", "RouteScript", "SIPTransport",
                "SIPMessage", "SIPTesting", "Database", "db_sqlite", "Bytes",
            ]),
    ],
    swiftLanguageModes: [.v6]
)
