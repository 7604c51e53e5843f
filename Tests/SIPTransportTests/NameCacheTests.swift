import Bytes
import SIPMessage
import Testing

@testable import SIPTransport

@Suite("Which of two answers to one question is kept")
struct NameCacheTests {
    private static let question = DNSQuestion(.a, "a.example")
    private static let now = Instant(milliseconds: 1_000_000)

    private static func answer(_ last: UInt32, seconds: Int) -> DNSAnswer {
        DNSAnswer([.address(IPAddress(ipv4: 0xc000_0200 + last))], lifetime: seconds)
    }

    /// The last number of the address that is found when `second` comes while `first` holds.
    private static func kept(_ preference: Int, _ first: DNSAnswer, _ second: DNSAnswer) -> UInt32? {
        var settings = NameSettings()
        settings.recordPreference = preference
        var cache = NameCache()
        cache.keep(first, to: Self.question, at: Self.now, settings)
        cache.keep(second, to: Self.question, at: Self.now + .seconds(1), settings)
        guard case .address(let ip)? = cache.answer(to: Self.question, at: Self.now + .seconds(2))?.records.first else {
            return nil
        }
        return UInt32(truncatingIfNeeded: ip.low) & 0xff
    }

    @Test(arguments: [
        // dns_cache_rec_pref, seconds of the old answer, of the new one, which is found
        (0, 60, 30, 2), (0, 30, 60, 2), (1, 60, 30, 1), (1, 30, 60, 1), (2, 60, 30, 2), (2, 30, 60, 2), (3, 60, 30, 1),
        (3, 30, 60, 2),
    ])
    func `dns_cache_rec_pref`(_ preference: Int, _ old: Int, _ new: Int, _ wanted: UInt32) {
        #expect(Self.kept(preference, Self.answer(1, seconds: old), Self.answer(2, seconds: new)) == wanted)
    }

    @Test(arguments: 0...3) func `an answer that says there is nothing gives way to one that says what`(_ rule: Int) {
        let nothing = DNSAnswer([], lifetime: 60)
        #expect(Self.kept(rule, nothing, Self.answer(2, seconds: 30)) == 2)
    }

    @Test(arguments: 0...3) func `one that is over gives way to every other`(_ rule: Int) {
        var settings = NameSettings()
        settings.recordPreference = rule
        var cache = NameCache()
        cache.keep(Self.answer(1, seconds: 10), to: Self.question, at: Self.now, settings)
        cache.keep(Self.answer(2, seconds: 10), to: Self.question, at: Self.now + .seconds(11), settings)
        #expect(cache.answer(to: Self.question, at: Self.now + .seconds(12)) != nil)
        #expect(cache.answer(to: Self.question, at: Self.now + .seconds(22)) == nil)
    }
}
