import Bytes
import SIPMessage
import Testing

@testable import usrloc

@Suite("usrloc: the table of bindings")
struct LocationTableTests {
    let store = LocationStore(started: 0x6b04_f964, process: 0x766d)
    var table: LocationTable { self.store.table(named: "location") }

    @Test func `a store that nobody needs is gone with its tables`() {
        weak var table: LocationTable?
        do {
            let store = LocationStore(started: 1, process: 1)
            table = store.table(named: "location")
            #expect(table === store.table(named: "location"))
        }
        #expect(table == nil)
    }
    let start = Instant(milliseconds: 5_000_000)

    struct Phone {
        var uri = "sip:a@1.1.1.1"
        var callID = "c1"
        var cSeq: UInt32 = 1
        var expires: UInt32 = 60
        var agent = "Phone/1.0"
        var path = ""
        var maxContacts = 0
    }

    func register(
        _ address: String, _ phone: Phone, rules: BindingRules = BindingRules(), now: Instant? = nil,
        into reply: ByteBuffer = ByteBuffer(capacity: 64)
    ) -> RegistrationResult {
        let text = ByteString(phone.uri + phone.callID)
        let memo = InternMemo(self.store.commons.interner)
        let uri = phone.uri.utf8.count
        let call = phone.callID.utf8.count
        var registration = Registration(callID: ByteRange(start: uri, count: call), cSeq: phone.cSeq)
        let shared = (ByteString(phone.agent), ByteString("udp:127.0.0.1:5060"), ByteString(phone.path))
        registration.userAgent = memo.id(shared.0.span)
        registration.socket = memo.id(shared.1.span)
        registration.path = memo.id(shared.2.span)
        registration.maxContacts = phone.maxContacts
        let updates = FlatStore<BindingUpdate>(capacity: 1)
        updates.append(BindingUpdate(uri: ByteRange(start: 0, count: uri), expires: phone.expires))
        let name = ByteString(address)
        return self.table.register(
            name.span, text.span, updates, registration, received: ByteString().span, rules: rules,
            now: now ?? self.start, listing: ContactListing(receivedName: "received"), into: reply)
    }

    func contacts(_ address: String, now: Instant? = nil) -> [String] {
        let name = ByteString(address)
        return self.table.contacts(of: name.span, now: now ?? self.start).map { $0.uri.string }
    }

    @Test func `bindings are inserted, refreshed, found and removed`() {
        #expect(self.register("alice", Phone()) == .inserted)
        #expect(self.register("alice", Phone(cSeq: 2, agent: "Other/2")) == .updated)
        let name = ByteString("alice")
        let found = self.table.contacts(of: name.span, now: self.start)
        #expect(found.map(\.userAgent.string) == ["Other/2"])
        #expect(found.map(\.socket.string) == ["udp:127.0.0.1:5060"])
        #expect(found.map(\.secondsLeft) == [60])
        #expect(self.register("alice", Phone(cSeq: 3, expires: 0)) == .removed)
        #expect(self.contacts("alice").isEmpty)
        #expect(self.table.addressCount == 0)
        #expect(self.table.contactCount == 0)
        #expect(self.store.commons.interner.count == 0)
    }

    @Test func `an equal CSeq is a retransmission for cseq_delay seconds`() {
        #expect(self.register("alice", Phone()) == .inserted)
        #expect(self.register("alice", Phone()) == .unchanged)
        #expect(self.register("alice", Phone(), now: self.start + .seconds(19)) == .unchanged)
        #expect(self.register("alice", Phone(), now: self.start + .seconds(20)) == .updated)
        #expect(self.register("alice", Phone(cSeq: 0), now: self.start + .seconds(21)) == .outOfOrder)
        #expect(self.register("alice", Phone(callID: "c2", cSeq: 0), now: self.start + .seconds(21)) == .updated)
    }

    @Test(arguments: [
        (BindingRules.Matching.uri, [RegistrationResult.updated, .updated, .inserted]),
        (.uriAndCallID, [.inserted, .updated, .inserted]), (.uriAndPath, [.updated, .inserted, .inserted]),
        (.callID, [.inserted, .updated, .updated]),
    ])
    func `what makes two bindings the same`(matching: BindingRules.Matching, expected: [RegistrationResult]) {
        var rules = BindingRules()
        rules.matching = matching
        #expect(self.register("alice", Phone(), rules: rules) == .inserted)
        let results = [
            self.register("alice", Phone(callID: "c2", cSeq: 2), rules: rules),
            self.register("alice", Phone(callID: "c1", cSeq: 3, path: "<sip:p;lr>"), rules: rules),
            self.register("alice", Phone(uri: "sip:b@2.2.2.2", callID: "c1", cSeq: 4), rules: rules),
        ]
        #expect(results == expected)
    }

    @Test func `expired bindings are not handed out, and go in slices`() {
        for number in 0..<500 {
            _ = self.register("user\(number)", Phone(uri: "sip:\(number)@1.1.1.1", expires: number < 250 ? 60 : 600))
        }
        let later = self.start + .seconds(60)
        #expect(self.contacts("user1", now: later).isEmpty)
        #expect(self.contacts("user400", now: later).count == 1)
        #expect(self.table.contactCount == 500)
        var settings = UserLocation.Settings()
        settings.timerInterval = 10
        let sweep = ExpirySweep(store: self.store, settings: settings)
        var counts: [Int] = []
        for step in 0..<100 {
            let before = self.table.contactCount
            sweep.step(now: later + .milliseconds(100 * step))
            counts.append(before - self.table.contactCount)
        }
        #expect(self.table.contactCount == 250)
        #expect(self.store.commons.expiredCount == 250)
        // One step looks at 5 or 6 of 500 slots.
        #expect((counts.max() ?? 0) <= 7)
        #expect(self.table.addressCount == 250)
    }

    @Test func `newest first when asked`() {
        var rules = BindingRules()
        rules.isNewestFirst = true
        for number in 1...3 { _ = self.register("alice", Phone(uri: "sip:\(number)@h", cSeq: 1), rules: rules) }
        #expect(self.contacts("alice") == ["sip:3@h", "sip:2@h", "sip:1@h"])
        _ = self.register("alice", Phone(uri: "sip:2@h", cSeq: 2), rules: rules)
        #expect(self.contacts("alice") == ["sip:2@h", "sip:3@h", "sip:1@h"])
    }

    @Test func `a table of many keeps every one apart`() {
        for number in 0..<20_000 { _ = self.register("u\(number)", Phone(uri: "sip:u\(number)@192.0.2.1:5060")) }
        #expect(self.table.addressCount == 20_000)
        #expect((0..<20_000).allSatisfy { self.contacts("u\($0)") == ["sip:u\($0)@192.0.2.1:5060"] })
        for number in 0..<20_000 {
            let name = ByteString("u\(number)")
            #expect(self.table.removeAll(of: name.span) == 1)
        }
        #expect(self.table.addressCount == 0)
        #expect(self.store.commons.interner.count == 0)
    }

    @Test func `a ruid names start, process and binding`() {
        let text = self.store.commons.ruid(11)
        #expect(text.string == "uloc-6b04f964-766d-b")
        #expect(self.store.commons.ruid(.max).string == "ulcx-6b04f964-766d-7fffffffffffffff")
        #expect(self.store.commons.ruid(0).string == "uloc-6b04f964-766d-0")
        #expect(self.store.commons.number(ruid: text) == 11)
        #expect(self.store.commons.number(ruid: "uloc-6b04f964-766e-b") == nil)
        #expect(self.store.commons.number(ruid: "uloc-6b04f964-766d-") == nil)
    }

    @Test func `a binding costs less than 400 bytes, all told`() {
        let count = 200_000
        for number in 0..<count {
            _ = self.register(
                "subscriber\(number)",
                Phone(
                    uri: "sip:subscriber\(number)@192.0.2.1:5060;transport=udp;ob",
                    callID: "\(number)-8f1e2d3c4b5a@192.0.2.1"))
        }
        #expect(self.table.reservedBytes / count < 400)
    }

    /// By hand: `APUS_FIGURES=1 swift test -c release -Xswiftc -enable-testing --filter 'a million bindings'`.
    @Test(.enabled(if: ProcessEnvironment.value("APUS_FIGURES") != nil))
    func `a million bindings expire without a pause of 5 ms`() {
        let count = 1_000_000
        for number in 0..<count {
            _ = self.register(
                "subscriber\(number)",
                Phone(
                    uri: "sip:subscriber\(number)@192.0.2.1:5060;transport=udp;ob",
                    callID: "\(number)-8f1e2d3c4b5a@192.0.2.1", expires: 60))
        }
        print("bytes per binding: \(self.table.reservedBytes / count)")
        #expect(self.table.reservedBytes / count < 400)
        var settings = UserLocation.Settings()
        settings.timerInterval = 60
        let sweep = ExpirySweep(store: self.store, settings: settings)
        let later = self.start + .seconds(61)
        var longest = 0
        for step in 0..<700 {
            let before = WallClock.microseconds()
            sweep.step(now: later + .milliseconds(100 * step))
            longest = max(longest, WallClock.microseconds() - before)
        }
        print("longest step: \(longest) microseconds")
        #expect(self.table.contactCount == 0)
        #expect(longest < 5000)
    }
}
