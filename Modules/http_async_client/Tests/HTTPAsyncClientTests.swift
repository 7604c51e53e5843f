import ModuleKit
import Testing

@testable import http_async_client

@Suite("http_async_client")
struct HTTPAsyncClientTests {
    @Test func `the module is named as in loadmodule`() { #expect(HTTPAsyncClient.name == "http_async_client") }
}
