import Bytes
import ModuleKit
import RouteScript
import StandardModules
import Testing

@testable import ApusServer
@testable import Simulation

/// A page of the guide: files are blocks with a name, `console` blocks hold a command and what it prints.
struct GuidePage {
    var files: [String: String] = [:]
    var commands: [(arguments: [String], output: String)] = []

    static let folder = String(#filePath.dropLast("Tests/SimulationTests/GuideTests.swift".count)) + "docs/how-to/"

    init(_ names: String...) throws {
        for name in names {
            let bytes = try SystemInput.read(Self.folder + name, limit: 1 << 20)
            self.read(String(decoding: bytes, as: UTF8.self))
        }
    }

    private mutating func read(_ text: String) {
        var info: String?
        var block = ""
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            guard line.hasPrefix("```") else {
                if info != nil { block += line + "\n" }
                continue
            }
            guard let known = info else {
                info = String(line.dropFirst(3))
                block = ""
                continue
            }
            let words = known.split(separator: " ")
            if words.count == 2 { self.files[String(words[1])] = block }
            if known == "console", let end = block.firstIndex(of: "\n") {
                let command = Self.words(block[..<end].dropFirst(2))
                self.commands.append((command, String(block[block.index(after: end)...])))
            }
            info = nil
        }
    }

    /// The words of a shell command; single quotes hold words together.
    private static func words(_ line: Substring) -> [String] {
        var result = [""]
        var isQuoted = false
        for character in line {
            if character == "'" {
                isQuoted.toggle()
            } else if character == " ", !isQuoted {
                result.append("")
            } else {
                result[result.count - 1].append(character)
            }
        }
        return result
    }

    /// What a command of the page prints.
    func run(_ arguments: [String]) throws -> String {
        var output = ""
        let files = FileAccess.memory(self.files)
        switch arguments.first {
        case "apus":
            let options = try CommandLineOptions(parsing: Array(arguments.dropFirst()))
            let status = SimulationCommand.run(
                options, modules: StandardModules.all, files: files, write: { output += $0 },
                complain: { output += $0 })
            #expect(status == 0)
        case "apusctl":
            var suite = TestSuite(modules: StandardModules.all, files: files)
            suite.run(arguments.last ?? "") { output += TestReport.text($0) }
            output += TestReport.summary(suite.outcomes, problems: suite.problems.count)
        default: Issue.record("unknown command \(arguments)")
        }
        return output
    }
}

@Suite("The guide to simulations and tests")
struct GuideTests {
    @Test(arguments: ["simulate.md", "test-your-script.md"])
    func `commands of a page print what stands there`(name: String) throws {
        // Both pages are about one script.
        let page = try GuidePage("simulate.md", "test-your-script.md")
        let own = try GuidePage(name)
        #expect(!own.commands.isEmpty)
        for command in own.commands {
            let output = try page.run(command.arguments)
            #expect(output == command.output, "\(command.arguments):\n\(output)")
        }
    }

    @Test func `the configuration of the page about next hops has no mistakes`() throws {
        let page = try GuidePage("next-hops.md")
        var setup = VirtualSetup(moduleTypes: StandardModules.all)
        setup.text = ("gateways.cfg", try #require(page.files["gateways.cfg"]))
        _ = try VirtualServer.compile(setup)
    }

    @Test func `the failure that the page shows looks so`() throws {
        var page = try GuidePage("simulate.md", "test-your-script.md")
        page.files["night.cfg"] = page.files["night.cfg"]?.split(separator: "\n", omittingEmptySubsequences: false)
            .filter { !$0.contains("^00") }.joined(separator: "\n")
        var suite = TestSuite(modules: StandardModules.all, files: .memory(page.files))
        suite.run("night.siptest")
        let failed = suite.outcomes.filter { $0.failure != nil }
        #expect(
            failed.map { TestReport.text($0) } == [
                """
                FAIL  calls abroad go to another one
                  night.siptest:20: expected INVITE to abroad
                      the server sent:
                        100 trying -- your call is important to us to alice (udp:192.0.2.4:5060)
                        INVITE sip:0049301234@192.0.2.20 to gateway (udp:192.0.2.20:5060)

                """
            ])
    }
}
