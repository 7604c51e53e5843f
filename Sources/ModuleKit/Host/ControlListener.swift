import Bytes

/// Where a module answers control clients, and how.
public struct ControlListener: Sendable {
    public enum Address: Sendable, Equatable {
        /// Stream socket at a path; relative paths are under the run directory.
        case unixStream(String)
        case unixDatagram(String)
        /// A fifo at a path. It has no way back: see `Service.writing`.
        case fifo(String)
        /// Host, by address or by a name that the system knows; port. `*`: all addresses.
        case tcp(String, UInt16)
        case udp(String, UInt16)
    }

    /// Takes the bytes received so far and gives how many it used and what to answer; 0 used means: more bytes needed.
    /// nil closes the connection. Runs on the control thread. What is not known yet goes to the same client later,
    /// through the second parameter, from any thread.
    public typealias Handler =
        @Sendable ([UInt8], _ later: @escaping @Sendable ([UInt8]) -> Void) -> (used: Int, answer: [UInt8])?

    /// Takes the bytes written to a fifo so far and gives how many it used, 0: more are needed; nil: none of them means
    /// anything. Answers go to the fifo that is named, at once or later, from any thread.
    public typealias FifoHandler =
        @Sendable ([UInt8], _ reply: @escaping @Sendable (_ name: ByteString, _ answer: [UInt8]) -> Void) -> Int?

    public enum Service: Sendable {
        /// Answers go back the way that requests came. Each client has a handler of its own.
        case answering(@Sendable () -> Handler)
        /// For fifos: answers go to fifos in a folder; names that lead out of it are refused.
        case writing(to: String, @Sendable () -> FifoHandler)
    }

    public var name: String
    public var address: Address
    /// Permissions of a unix socket or fifo.
    public var mode: Int
    /// Owner and group of a unix socket or fifo; nil: the server's own.
    public var user: UInt32?
    public var group: UInt32?
    /// How long the answer to a datagram waits for a client that has too many to read.
    public var patience = Interval.seconds(2)
    public var service: Service

    public init(name: String, address: Address, mode: Int = 0o600, service: Service) {
        self.name = name
        self.address = address
        self.mode = mode
        self.service = service
    }

    /// For handlers that keep nothing from one call to the next.
    public init(name: String, address: Address, mode: Int = 0o600, handle: @escaping Handler) {
        self.init(name: name, address: address, mode: mode, service: .answering { handle })
    }
}

extension ControlListener.Address: CustomStringConvertible {
    /// The file; nil for addresses of the network.
    public var path: String? {
        switch self {
        case .unixStream(let path), .unixDatagram(let path), .fifo(let path): path
        case .tcp, .udp: nil
        }
    }

    public var description: String {
        switch self {
        case .unixStream(let path), .unixDatagram(let path), .fifo(let path): path
        case .tcp(let host, let port): "tcp:\(Self.bracketed(host)):\(port)"
        case .udp(let host, let port): "udp:\(Self.bracketed(host)):\(port)"
        }
    }

    private static func bracketed(_ host: String) -> String { host.contains(":") ? "[\(host)]" : host }

    /// `tcp:HOST:PORT` or `udp:HOST:PORT`; an IPv6 address stands in brackets. nil: it is something else.
    /// - Parameter defaultPort: where the text has none; nil: it must have one.
    public init?(network text: String, defaultPort: UInt16? = nil) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0] == "tcp" || parts[0] == "udp" else { return nil }
        var host = parts[1]
        var port = defaultPort
        if let colon = host.lastIndex(of: ":"), host.last != "]" {
            guard let number = UInt16(host[host.index(after: colon)...]), number > 0 else { return nil }
            port = number
            host = host[..<colon]
        }
        if host.first == "[", host.last == "]" { host = host.dropFirst().dropLast() }
        guard let port, !host.isEmpty else { return nil }
        self = parts[0] == "tcp" ? .tcp(String(host), port) : .udp(String(host), port)
    }
}
