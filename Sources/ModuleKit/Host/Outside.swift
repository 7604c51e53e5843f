import Bytes

/// A question to a server outside, such as an HTTP request, that a simulation answers in its place.
public struct OutsideQuery: Sendable {
    /// `GET`, `POST`, …
    public var method: ByteString
    public var url: ByteString
    public var body: ByteString

    public init(method: ByteString, url: ByteString, body: ByteString = ByteString()) {
        self.method = method
        self.url = url
        self.body = body
    }
}

/// What comes back.
public struct OutsideAnswer: Sendable {
    /// Whether there is an answer at all; else nobody could be reached.
    public var isAnswered: Bool
    /// HTTP status.
    public var status: Int
    /// Whole lines without line ends, `Name: value`.
    public var headers: [ByteString]
    public var body: ByteString

    public init(status: Int, headers: [ByteString] = [], body: ByteString = ByteString()) {
        self.isAnswered = true
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Nobody is there.
    public static var unreachable: OutsideAnswer {
        var answer = OutsideAnswer(status: 0)
        answer.isAnswered = false
        return answer
    }
}

/// The servers outside, as a simulation plays them.
public protocol OutsideWorld: AnyObject, Sendable {
    /// Answers a query: at once or later, but once, on the thread of the simulation.
    func ask(_ query: OutsideQuery, then: @escaping @Sendable (OutsideAnswer) -> Void)
}

extension ModuleHost {
    /// What answers in place of servers outside; nil: they are asked.
    public var outside: (any OutsideWorld)? { nil }
}
