// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that nothing of it reaches those who build the server. `make fuzz` in the root runs it.
let package = Package(
    name: "fuzz",
    dependencies: [.package(name: "apus", path: "..")],
    targets: [
        .target(
            name: "FuzzTargets",
            dependencies: [
                .product(name: "RouteScript", package: "apus"), .product(name: "SIPMessage", package: "apus"),
                .product(name: "SIPTransport", package: "apus"),
                .product(name: "StandardModules", package: "apus"),
            ]),
        // Guided by coverage: build with -sanitize=fuzzer, which brings the loop.
        .executableTarget(
            name: "fuzz", dependencies: ["FuzzTargets"], swiftSettings: [.unsafeFlags(["-parse-as-library"])]),
        .executableTarget(name: "fuzz-volume", dependencies: ["FuzzTargets"]),
        // Calls through a whole server on a bad network.
        .executableTarget(
            name: "storm",
            dependencies: [
                .product(name: "Simulation", package: "apus"), .product(name: "StandardModules", package: "apus"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)
