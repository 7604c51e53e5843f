import ModuleKit
import RouteScript

/// `-l [proto:]host[:port][/advertised[:port]]`, read by the parser of the language itself.
enum ListenOption {
    static func parse(_ text: String, _ option: String = "-l") throws -> SocketSpecification {
        var line = text
        if let slash = text.firstIndex(of: "/") {
            line = "\(text[..<slash]) advertise \(text[text.index(after: slash)...])"
        }
        let parsed = FrontEnd.parse(text: "listen=\(line)\nrequest_route { exit; }\n", name: "\(option) \(text)")
        for statement in parsed.configuration.statements {
            if case .listen(let node) = statement, let item = node.items.first, !item.hosts.isEmpty,
                !parsed.diagnostics.hasErrors
            {
                return item
            }
        }
        throw ModuleError("\(option): '\(text)' is no address: [proto:]host[:port] is expected")
    }
}
