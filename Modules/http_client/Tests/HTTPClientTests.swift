import ModuleKit
import Testing

@testable import http_client

@Suite("http_client")
struct HTTPClientTests {
    @Test func `the module is named as in loadmodule`() { #expect(HTTPClient.name == "http_client") }
}
