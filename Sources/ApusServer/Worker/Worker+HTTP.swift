import ModuleKit
import RouteScript
import SIPMessage
import SIPTransport

extension Worker {
    /// What becomes of a request of HTTP: a module runs a route for it. One that nobody serves ends its connection, over
    /// which nothing else can come before an answer.
    func serve(_ context: RouteContext, _ program: Program) -> Outcome {
        let arrival = context.arrival
        let streams = self.server.transport.streams
        // Over a connection that began with SIP it has been framed by the rules of SIP, which let more pass.
        guard streams.table[arrival.connection]?.speaksHTTP == true else {
            self.server.logger.info("HTTP request from \(arrival.source) dropped: its connection does not speak HTTP")
            self.giveUpStream(arrival)
            return .code(0)
        }
        if self.policy.servesHTTP, let outcome = program.hooks.takeHTTPRequest(context) { return outcome }
        self.server.logger.info("HTTP request from \(arrival.source) refused: no module serves it")
        streams.close(arrival.connection)
        return .code(0)
    }
}
