import Testing

@testable import ApusServer

@Suite("Built-in configuration")
struct DefaultConfigurationTests {
    @Test func `it builds without an error or a warning`() throws {
        let loaded = try LoadedServer(DefaultConfiguration.text, name: DefaultConfiguration.name)
        #expect(loaded.problems == "")
        #expect(loaded.configuration != nil)
    }

    @Test func `it listens on both loopback addresses with UDP and TCP`() throws {
        let loaded = try LoadedServer(DefaultConfiguration.text, name: DefaultConfiguration.name)
        #expect(
            loaded.server.sockets.sockets.map { $0.socketName.string } == [
                "udp:127.0.0.1:5060", "tcp:127.0.0.1:5060", "udp:[::1]:5060", "tcp:[::1]:5060",
            ])
    }
}
