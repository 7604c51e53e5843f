import Bytes
import ModuleKit
import SIPMessage

/// A place in a test file, or in a file that it includes.
package struct TestPlace: Sendable, Hashable, CustomStringConvertible {
    package var file: String
    /// Counted from 1.
    package var line: Int

    package var description: String { "\(self.file):\(self.line)" }
}

/// What is wrong with a test file.
package struct TestFileProblem: Error, Sendable, CustomStringConvertible {
    package var place: TestPlace
    package var message: String

    package var description: String { "\(self.place): \(self.message)" }
}

/// A file of tests for a configuration, read.
package struct TestFile: Sendable {
    package var path: String
    package var cases: [TestCase]
}

/// One test: what to load, and steps that are done or checked in order.
package struct TestCase: Sendable {
    package var name: String
    package var place: TestPlace
    package var settings: TestSettings
    /// Steps that every test of the file begins with, then its own.
    package var steps: [TestStep]
    /// How many of them come from above the first test.
    package var sharedSteps: Int
}

/// What a test says about the server before it starts.
package struct TestSettings: Sendable {
    /// Path; nil: the built-in configuration.
    package var configuration: String?
    package var defines: [String] = []
    package var modules: [String] = []
    package var parameters: [String] = []
    package var listen: [String] = []
    package var aliases: [String] = []
    package var domain = "example.com"
    /// Seconds since 1970 at the beginning: noon, 1 January 2026, UTC.
    package var wallSeconds = 1_767_268_800
    package var names: [String: [IPAddress]] = [:]
    package var debugLevel: Int?
}

package struct TestStep: Sendable {
    package enum Kind: Sendable {
        case phone(String, SocketAddress, TransportProtocol)
        /// Standing orders; no name: of every phone that has none of its own.
        case answers(phone: String?, [Phone.Answer]?)
        case reachable(phone: String, Bool)
        case acknowledges(phone: String, Bool)
        /// What a server outside answers from now on.
        case outside(StandingAnswer)
        case register(phone: String, expires: Int?)
        case send(SendStep)
        case reply(ReplyStep)
        case wait(Interval)
        case set(variable: String, value: String)
        case command(name: String, arguments: [String])
        case expect(Expectation)
    }

    package var kind: Kind
    package var place: TestPlace
    /// As it stands in the file.
    package var text: String
}

/// Header fields and body that a test gives to a message.
package struct MessageDetails: Sendable {
    /// Fields to set; several of one name give several fields. No value: the field is taken away.
    package var fields: [(name: String, value: String?)] = []
    package var body: [String] = []
    package var hasSDP = false
}

package struct SendStep: Sendable {
    package enum What: Sendable {
        /// No URI: a request that belongs to what went before.
        case request(method: String, uri: String?)
        /// The lines as they are.
        case raw([String])
        /// The last message once more.
        case again
    }

    package var what: What
    package var phone: String?
    package var socket: String?
    package var details = MessageDetails()
}

package struct ReplyStep: Sendable {
    package var status: Int
    package var reason: String?
    /// Method of the request that it is for.
    package var method: String?
    package var phone: String?
    package var details = MessageDetails()
}

/// Something that a test wants to be so.
package enum Expectation: Sendable {
    /// A message that the server sends.
    case message(MessageExpectation)
    /// Nothing else was sent, to that phone when there is one.
    case nothing(phone: String?)
    case log(LogExpectation, isWanted: Bool)
    case variable(String, Comparison, route: RouteKinds?)
    case verdict(String)
    case route(String, isWanted: Bool)
    case call(String, code: Int?, isWanted: Bool)
    /// A query to a server outside.
    case query(method: String?, url: String, body: String?, isWanted: Bool)
    case counter(group: String, name: String, Int)

    package enum Comparison: Sendable {
        case equal(String)
        case notEqual(String)
        case matches(String)
        case isNull(Bool)
    }
}

package struct LogExpectation: Sendable {
    package var level: LogLevel?
    package var text: String?
    package var isPattern = false
}

package struct MessageExpectation: Sendable {
    package enum Kind: Sendable {
        case request(method: String)
        case reply(status: Int, reason: String?)
    }

    package enum Check: Sendable {
        case field(String, Expectation.Comparison)
        case absent(String)
        case count(String, Int)
        case bodyLine(String)
    }

    package var kind: Kind
    /// A phone, or an address.
    package var receiver: String?
    package var isWanted = true
    package var isRepeat = false
    package var checks: [(check: Check, place: TestPlace)] = []
}
