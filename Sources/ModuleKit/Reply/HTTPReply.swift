import Bytes
import SIPMessage

/// Answers to requests of HTTP that a script sees as messages (RFC 9112).
///
/// A value of settings that modules make once, in their `init`. What answers is any function; the route that runs for a
/// request ends with `conclude`, so that none is left without an end.
public struct HTTPReply: Sendable {
    /// What becomes of an answer.
    public enum Outcome: Equatable, Sendable {
        case sent
        /// The message is no request of HTTP.
        case notHTTP
        /// The request has its answer already.
        case repeated
        /// No status of a final answer, which are 200 to 699.
        case badCode
        /// Control characters in reason or type: the rest of them would be a header.
        case badText
        /// The connection is gone.
        case unreachable
    }

    /// `Server: …` with its line end, or nothing.
    private let serverHeader: ByteString

    public init(host: any ModuleHost) {
        let settings = host.settings
        self.serverHeader = settings.serverSignature ? settings.serverHeader + "\r\n" : ByteString()
    }

    /// Answers the request of `route`, over the connection that it came in on.
    ///
    /// Headers of `append_to_reply()` go along. The connection stays open unless the client or `set_reply_close()` wants
    /// it closed.
    /// - Parameters:
    ///   - reason: one line, perhaps empty.
    ///   - type: Content-Type; empty: none.
    ///   - body: left out where the method or the status has none (RFC 9110 §6.4.1).
    public func send(
        _ code: Int, _ reason: Span<UInt8>, type: Span<UInt8>, body: Span<UInt8>, for route: RouteContext
    ) -> Outcome {
        let message = route.message
        guard message.kind == .http else { return .notHTTP }
        guard !route.options.contains(.hasReplied) else { return .repeated }
        guard (200...699).contains(code) else { return .badCode }
        guard Self.isText(reason), Self.isText(type) else { return .badText }
        let end = ConnectionEnd(message)
        let closes = end.closes || route.options.contains(.replyClose)
        let out = route.worker.outgoing()
        out.append(end.isOldVersion ? "HTTP/1.0 " : "HTTP/1.1 ")
        out.append(decimal: code)
        out.append(" ")
        out.append(reason)
        self.appendHeader(code, type, body.count, for: route, into: out)
        if closes {
            out.append("Connection: close\r\n")
        } else if end.isOldVersion {
            out.append("Connection: keep-alive\r\n")
        }
        out.append("\r\n")
        if Self.mayHaveBody(code), !message.span.equals(message.methodRange, "HEAD") { out.append(body) }
        route.options.insert(.hasReplied)
        return route.worker.send(out, to: Self.destination(for: route, closes: closes), token: 0)
            ? .sent : .unreachable
    }

    private func appendHeader(
        _ code: Int, _ type: Span<UInt8>, _ count: Int, for route: RouteContext, into out: ByteBuffer
    ) {
        // Kamailio's name for the Via that it gives each request.
        out.append("\r\nSia: SIP/2.0/")
        out.append(route.arrival.transport.viaName)
        out.append(" \(route.arrival.source)\r\n")
        let headers = route.replyHeaders
        out.append(headers.span)
        if type.count > 0 {
            out.append("Content-Type: ")
            out.append(type)
            out.append("\r\n")
        }
        out.append(self.serverHeader)
        guard Self.mayHaveBody(code) else { return }
        out.append("Content-Length: ")
        out.append(decimal: count)
        out.append("\r\n")
    }

    private static func mayHaveBody(_ code: Int) -> Bool { code != 204 && code != 304 }

    private static func isText(_ text: Span<UInt8>) -> Bool {
        for index in 0..<text.count where text[index] < 32 && text[index] != 9 || text[index] == 127 { return false }
        return true
    }

    /// Over the very connection of the request. There is no port that another could be found by: a client may have begun
    /// a new one from the same port, whose request this is not the answer to.
    private static func destination(for route: RouteContext, closes: Bool) -> Destination {
        let arrival = route.arrival
        return Destination(
            transport: arrival.transport, address: SocketAddress(ip: arrival.source.ip, port: 0),
            socket: arrival.socket, connection: arrival.connection, mayConnect: false, closesAfter: closes)
    }

    /// The last route for a request has ended. Without an answer its connection is closed, since nothing else can come
    /// over it.
    /// - Parameter name: of the route, for the log.
    public static func conclude(_ route: RouteContext, _ name: StaticString) {
        guard route.message.kind == .http, !route.options.contains(.hasReplied) else { return }
        route.log(
            .warning,
            "event_route[\(name)] has not answered the HTTP request from \(route.arrival.source); its connection is closed"
        )
        _ = route.worker.connections?.close(route.arrival.connection)
    }

    /// What a request says of the end of its connection (RFC 9112 §9.3).
    private struct ConnectionEnd {
        let isOldVersion: Bool
        let closes: Bool

        init(_ message: Message) {
            self.isOldVersion = message.span.equals(message.versionRange, "HTTP/1.0")
            let close: StaticString = "close"
            let keep: StaticString = "keep-alive"
            if message.lists(close.span, in: .connection) {
                self.closes = true
            } else {
                self.closes = self.isOldVersion && !message.lists(keep.span, in: .connection)
            }
        }
    }
}
