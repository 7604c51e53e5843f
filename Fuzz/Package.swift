// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that nothing of it reaches those who build the server, but for what the bytes are given to:
// that is compiled and tested with the server (`Sources/FuzzTargets`). `make fuzz` in the root runs it.
let targets: [Target.Dependency] = [.product(name: "FuzzTargets", package: "apus")]

let package = Package(
    name: "fuzz",
    dependencies: [.package(name: "apus", path: "..")],
    targets: [
        // Guided by coverage: build with -sanitize=fuzzer, which brings the loop.
        .executableTarget(
            name: "fuzz", dependencies: targets, swiftSettings: [.unsafeFlags(["-parse-as-library"])]),
        .executableTarget(name: "fuzz-volume", dependencies: targets),
        // Calls through a whole server on a bad network.
        .executableTarget(
            name: "storm",
            dependencies: [
                .product(name: "Simulation", package: "apus"), .product(name: "StandardModules", package: "apus"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)
