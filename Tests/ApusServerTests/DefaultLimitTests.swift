import Bytes
import ModuleKit
import RouteScript
import SIPTransport
import Testing

@testable import ApusServer

/// The numbers in docs/operations/limits.md.
@Suite("Limits that are on without a configuration")
struct DefaultLimitTests {
    @Test func `streams are limited each and all together`() {
        let settings = StreamSettings(StreamParameters())
        #expect(settings.maximumConnections == 2_048)
        #expect(settings.connectionsPerAddress == 1_024)
        #expect(settings.firstDataTimeout == .seconds(20))
        #expect(settings.messageTimeout == .seconds(20))
        #expect(settings.lifetime == .seconds(120))
        #expect(settings.sendTimeout == .seconds(10))
        #expect(settings.connectionQueueLimit == 32_768)
        #expect(settings.totalQueueLimit == 10_485_760)
        #expect(settings.partialLimit == 67_108_864)
        #expect(settings.framing.maximumMessage == 65_535)
        #expect(!settings.framing.acceptsMissingLength)
    }

    @Test func `scripts and requests are limited`() {
        let settings = CoreSettings()
        #expect(settings.maxBranches == 12)
        #expect(settings.maxWhileLoops == 100)
        #expect(settings.maxRecursiveLevel == 256)
        #expect(settings.maxSuspendedScripts == 100_000)
        #expect(settings.scriptFuel == 10_000_000)
        #expect(settings.maxMessageSize == 65_535)
        let overload = OverloadParameters()
        #expect(overload.isOn == 1)
        #expect(overload.delay == 100)
        #expect(overload.interval == 300)
        #expect(overload.replyCode == 503)
    }
}
