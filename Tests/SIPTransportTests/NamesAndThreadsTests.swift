import Bytes
import SIPMessage
import SIPTransport
import Synchronization
import Testing

@Suite("Names and interfaces")
struct NamesTests {
    @Test func `the loopback interface is listed with its addresses`() throws {
        let all = try LocalInterfaces.addresses()
        let loopback = all.filter(\.isLoopback)
        #expect(loopback.contains { $0.ip == ipv4Loopback.ip && $0.prefixLength == 8 })
        let name = try #require(loopback.first?.name)
        #expect(try LocalInterfaces.addresses(of: name).contains { $0.ip == ipv4Loopback.ip })
        #expect(try LocalInterfaces.addresses(of: "none-such0").isEmpty)
    }

    @Test func `an address written out needs no lookup`() {
        #expect(HostLookup.addresses(of: "192.0.2.7") == .success([IPAddress(ipv4: 0xc000_0207)]))
        #expect(HostLookup.addresses(of: "[::1]") == .success([ipv6Loopback.ip]))
    }

    @Test func `localhost is found by the system, nonsense is not`() throws {
        #expect(try HostLookup.addresses(of: "localhost", family: .ipv4).get() == [ipv4Loopback.ip])
        for host in ["", "a\0b", "-bad..name"] as [ByteString] {
            #expect(throws: LookupError.self) { try HostLookup.addresses(of: host).get() }
        }
    }
}

@Suite("Threads")
struct WorkerThreadTests {
    @Test func `a thread runs its body and join waits for it`() throws {
        let done = Flag()
        let thread = try WorkerThread(name: "a name longer than fifteen bytes", cpu: WorkerThread.cpu(at: 0)) {
            done.value.store(true, ordering: .releasing)
        }
        thread.join()
        let isDone = done.value.load(ordering: .acquiring)
        #expect(isDone)
        thread.join()
    }

    @Test func `there are as many CPUs as can be numbered`() {
        #expect(WorkerThread.availableCPUs >= 1)
        #expect(WorkerThread.cpu(at: WorkerThread.availableCPUs - 1) != nil)
        #expect(WorkerThread.cpu(at: WorkerThread.availableCPUs) == nil)
    }

    final class Flag: Sendable {
        let value = Atomic<Bool>(false)
    }
}
