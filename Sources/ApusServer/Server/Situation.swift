import SIPMessage
import SIPTransport

/// What workers go by: the configuration that new messages begin with, and the descriptors there are to send from.
/// Never changed; a reload, and the end of a listener that was given up, put another in its place.
final class Situation: Sendable {
    /// Grows with each.
    let number: Int
    let configuration: LoadedConfiguration
    /// By the index of their listen socket; those of listeners that are given up but still open are among them.
    let descriptors: [[DatagramSocket]]

    init(_ configuration: LoadedConfiguration, descriptors: [[DatagramSocket]], number: Int = 1) {
        self.number = number
        self.configuration = configuration
        self.descriptors = descriptors
    }

    /// The descriptors of a worker: of several for one address the one of its lane.
    func descriptors(lane: Int) -> [DatagramSocket?] {
        self.descriptors.map { $0.isEmpty ? nil : $0[lane % $0.count] }
    }
}
