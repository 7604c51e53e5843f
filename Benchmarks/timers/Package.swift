// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "timers",
    dependencies: [.package(name: "apus", path: "../..")],
    targets: [.executableTarget(name: "timers", dependencies: [.product(name: "Bytes", package: "apus")])],
    swiftLanguageModes: [.v6]
)
