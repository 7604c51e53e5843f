import Bytes
import HTTPTransfer
import ModuleKit
import SIPMessage
import tm

/// The `http_async_client` module: queries whose answer a route gets, with the suspended transaction or by itself.
///
/// `workers` threads make the requests with libcurl's multi interface, which is opened when the module is loaded.
public final class HTTPAsyncClient: ServerModule {
    public static let name = "http_async_client"
    public static let summary = "HTTP queries that go on in a route when the answer is there."

    let settings: Settings
    let host: any ModuleHost
    let engines: HTTPEngines
    let counters: QueryCounters
    /// nil when tm is not loaded: then nothing is suspended.
    let transactions: Transactions?

    public init(_ settings: Settings, host: any ModuleHost) throws {
        do throws(HTTPLibrary.Unavailable) {
            try HTTPLibrary.open()
        } catch {
            throw ModuleError("\(error)")
        }
        self.settings = settings
        self.host = host
        // Each configuration has its own, which end with the last of its routes.
        self.engines = HTTPEngines(count: settings.workers)
        self.counters = host.shared("http_async_client.counters") { QueryCounters(host.counters) }
        self.transactions = try? host.module(Transactions.self)
    }

    public var hooks: ModuleHooks {
        var hooks = ModuleHooks()
        hooks.stopped = { [engines] _ in engines.stop() }
        return hooks
    }
}

/// The engines, in turn.
final class HTTPEngines: Sendable {
    private let engines: [HTTPEngine]
    private let next = Lock(0)

    init(count: Int) { self.engines = (0..<max(count, 1)).map { HTTPEngine(name: "apus-ahttp-\($0)") } }

    /// Whose turn it is.
    var engine: HTTPEngine {
        let index = self.next.withLock { next in
            defer { next = (next + 1) % self.engines.count }
            return next
        }
        return self.engines[index]
    }

    func stop() { for engine in self.engines { engine.stop() } }
}

/// The statistics of group `http_async_client`. Counted on the engines' threads too, which have no row of their own.
final class QueryCounters: Sendable {
    private struct Values {
        var requests = 0
        var replies = 0
        var errors = 0
        var timeouts = 0
        var lastNumber = 0
    }

    private let values = Lock(Values())

    init(_ registry: CounterRegistry) {
        let values = self.values
        registry.register("http_async_client", "requests") { values.withLock { $0.requests } }
        registry.register("http_async_client", "replies") { values.withLock { $0.replies } }
        registry.register("http_async_client", "errors") { values.withLock { $0.errors } }
        registry.register("http_async_client", "timeouts") { values.withLock { $0.timeouts } }
    }

    /// Counts a request and gives it a number, from 1.
    func request() -> Int {
        self.values.withLock { values in
            values.requests += 1
            values.lastNumber += 1
            return values.lastNumber
        }
    }

    func answer(_ response: HTTPResponse) {
        self.values.withLock { values in
            if response.result == 0 {
                values.replies += 1
            } else if response.result == HTTPResponse.timedOut {
                values.timeouts += 1
            } else {
                values.errors += 1
            }
        }
    }

    func refused() { self.values.withLock { $0.errors += 1 } }
}
