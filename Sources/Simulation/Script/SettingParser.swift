import Bytes
import SIPMessage

/// Lines that say how the server of a test is to start.
struct SettingParser {
    private let line: TestFileParser.Line

    init(_ line: TestFileParser.Line) { self.line = line }

    /// - Returns: false when the line is no setting.
    func apply(to settings: inout TestSettings) throws(TestFileProblem) -> Bool {
        var words = TestWords(self.line.text)
        guard let keyword = words.take() else { return false }
        let value = words.rest()
        switch keyword {
        case "config":
            let name = try self.need(value, "a file, or built-in")
            settings.configuration =
                name == "built-in" ? nil : TestFileParser.path(name, besides: self.line.place.file)
        case "define": settings.defines.append(try self.need(value, "a name"))
        case "loadmodule": settings.modules.append(try self.need(value, "a module"))
        case "modparam":
            var parts = TestWords(value ?? "")
            guard let module = parts.take(), let name = parts.take(), let text = parts.rest() else {
                throw self.problem("modparam needs a module, a name and a value")
            }
            let type = Int(text) == nil || (value ?? "").hasSuffix("\"") ? "s" : "i"
            settings.parameters.append("\(module):\(name):\(type):\(text)")
        case "listen": settings.listen.append(try self.need(value, "an address"))
        case "alias": settings.aliases.append(try self.need(value, "a name"))
        case "domain": settings.domain = try self.need(value, "a name")
        case "debug":
            guard let level = value.flatMap({ Int($0) }) else { throw self.problem("debug needs a number") }
            settings.debugLevel = level
        case "time":
            guard let seconds = value.flatMap(Self.seconds) else {
                throw self.problem("time needs YYYY-MM-DD HH:MM:SS, in UTC")
            }
            settings.wallSeconds = seconds
        case "name":
            var parts = TestWords(value ?? "")
            guard let name = parts.take(), !parts.isAtEnd else {
                throw self.problem("name needs a host name and its addresses, or 'unknown'")
            }
            settings.names[name.lowercased()] = try self.addresses(&parts)
        default: return false
        }
        return true
    }

    private func addresses(_ words: inout TestWords) throws(TestFileProblem) -> [IPAddress] {
        if words.take("unknown") { return [] }
        var result: [IPAddress] = []
        while let word = words.take() {
            guard let address = IPAddress(word) else { throw self.problem("'\(word)' is no address") }
            result.append(address)
        }
        return result
    }

    private func need(_ value: String?, _ what: String) throws(TestFileProblem) -> String {
        guard let value else { throw self.problem("\(TestWords(self.line.text).next ?? "this") needs \(what)") }
        return value
    }

    private func problem(_ message: String) -> TestFileProblem {
        TestFileProblem(place: self.line.place, message: message)
    }

    /// Seconds since 1970 of `2026-05-01 08:00:00`, UTC; the time of day may be missing in part or whole.
    static func seconds(_ text: String) -> Int? {
        let parts = text.split(whereSeparator: { $0 == " " || $0 == "T" })
        guard let date = parts.first else { return nil }
        let day = date.split(separator: "-").map { Int($0) }
        guard day.count == 3, let year = day[0], let month = day[1], let number = day[2], 1970...2200 ~= year,
            1...12 ~= month, 1...31 ~= number
        else { return nil }
        var clock = [0, 0, 0]
        if parts.count > 1 {
            let words = parts[1].split(separator: ":")
            guard words.count <= 3 else { return nil }
            for (index, word) in words.enumerated() {
                guard let value = Int(word), value >= 0, value < 60 else { return nil }
                clock[index] = value
            }
        }
        // Days from 1970 in the proleptic Gregorian calendar, years counted from March so that leap days come last.
        let shifted = month <= 2 ? year - 1 : year
        let yearOfEra = shifted % 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + number - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let days = shifted / 400 * 146_097 + dayOfEra - 719_468
        return days * 86_400 + clock[0] * 3600 + clock[1] * 60 + clock[2]
    }
}
