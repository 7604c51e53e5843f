import ApusServer
import Bytes
import ModuleKit
import RouteScript
import SIPMessage

/// `apus --simulate FILE`: runs the messages of a file, or the tests in it, through the script and prints what happens.
public enum SimulationCommand {
    /// - Returns: the exit status: 0; 1 when a test fails or a message cannot be read; 255 when the configuration or
    ///   the file cannot be.
    public static func run(_ options: CommandLineOptions, modules: [ModuleType]) -> Int32 {
        let output = BufferedOutput()
        defer { output.flush() }
        return Self.run(options, modules: modules, files: .system, write: { output.write($0) }, complain: Self.complain)
    }

    private static func complain(_ text: String) { SystemOutput.write(ByteBuffer(text), to: 2) }

    /// - Parameters:
    ///   - write, complain: take text with its line ends.
    package static func run(
        _ options: CommandLineOptions, modules: [ModuleType], files: FileAccess, write: @escaping (String) -> Void,
        complain: (String) -> Void
    ) -> Int32 {
        guard let wanted = options.simulation else {
            return Self.disassemble(options, modules, files, write, complain)
        }
        let bytes: [UInt8]
        do throws(FileAccess.Failure) {
            bytes = try files.read(wanted.path)
        } catch {
            complain("ERROR: cannot read '\(wanted.path)'\n")
            return 255
        }
        var trace = TracePrinter.Options()
        trace.showsLines = !wanted.hidesLines
        trace.showsMessages = wanted.showsMessages
        let text = String(decoding: bytes, as: UTF8.self)
        if TestFileParser.looksLikeTests(text) {
            return Self.runTests(options, wanted.path, modules, files, trace, write, complain)
        }
        do throws(SimulationProblem) {
            return try Self.runMessages(RawMessages(text), options, modules, files, trace, write, complain)
        } catch {
            complain(error.message)
            return 255
        }
    }

    /// `apus --dump-bytecode`.
    private static func disassemble(
        _ options: CommandLineOptions, _ modules: [ModuleType], _ files: FileAccess, _ write: (String) -> Void,
        _ complain: (String) -> Void
    ) -> Int32 {
        var setup = VirtualSetup(moduleTypes: modules)
        setup.options = options
        setup.files = files
        do throws(VirtualFailure) {
            let (program, sources) = try VirtualServer.compile(setup)
            write(program.disassembly(sources: sources))
            return 0
        } catch {
            complain("\(error)\nERROR: bad config file\n")
            return 255
        }
    }

    private struct SimulationProblem: Error {
        var message: String
    }

    // MARK: Messages

    private static func runMessages(
        _ messages: RawMessages, _ options: CommandLineOptions, _ modules: [ModuleType], _ files: FileAccess,
        _ trace: TracePrinter.Options, _ write: @escaping (String) -> Void, _ complain: (String) -> Void
    ) throws(SimulationProblem) -> Int32 {
        var setup = VirtualSetup(moduleTypes: modules)
        setup.options = options
        setup.files = files
        let wanted = options.simulation ?? .init(path: "")
        if let time = wanted.startTime {
            guard let seconds = SettingParser.seconds(time) else {
                throw SimulationProblem(message: "ERROR: --at needs YYYY-MM-DD HH:MM:SS, in UTC\n")
            }
            setup.wallSeconds = seconds
        }
        let printer = TracePrinter(trace, write: write)
        let stage: Stage
        do throws(VirtualFailure) {
            stage = try Stage(setup, listener: printer)
        } catch {
            throw SimulationProblem(message: "\(error)\nERROR: cannot simulate: the configuration cannot be loaded\n")
        }
        printer.attach(to: stage)
        stage.standardAnswers = try wanted.answers.map { text throws(SimulationProblem) in
            try Self.answers(text)
        }
        var status: Int32 = 0
        for (line, message) in messages.problems {
            complain("\(wanted.path):\(line): \(message)\n")
            status = 1
        }
        if messages.items.isEmpty {
            throw SimulationProblem(message: "ERROR: there is no SIP message in '\(wanted.path)'\n")
        }
        for (index, item) in messages.items.enumerated() {
            // Messages of a file are not one burst: what the server keeps for one may end before the last arrives.
            stage.advance(by: index == 0 ? item.delay : item.delay + .milliseconds(10))
            if let problem = Self.send(item, to: stage, wanted) {
                complain("\(wanted.path):\(item.line): \(problem)\n")
                status = 1
            }
            stage.finishScripts(within: .seconds(60))
        }
        if let time = wanted.duration {
            guard let interval = StepParser.duration(time) else {
                throw SimulationProblem(message: "ERROR: --for needs a time: 500ms, 30s, 2m\n")
            }
            stage.advance(by: interval)
        }
        return status
    }

    private static func answers(_ text: String) throws(SimulationProblem) -> [Phone.Answer] {
        let line = TestFileParser.Line(
            text: "phones answer \(text)", place: TestPlace(file: "--answer", line: 1), indent: 0)
        do throws(TestFileProblem) {
            if case .answers(_, let answers?) = try StepParser(line).parse() { return answers }
        } catch {
            throw SimulationProblem(message: "ERROR: --answer: \(error.message)\n")
        }
        return []
    }

    /// Sends a message from where it says it comes from.
    /// - Returns: why it cannot be sent.
    private static func send(
        _ item: RawMessages.Item, to stage: Stage, _ wanted: CommandLineOptions.Simulation
    ) -> String? {
        var origin = Self.origin(of: item.message)
        if let text = item.source ?? wanted.source {
            guard let given = StepParser.endpoint(text) else { return "'\(text)' is no address" }
            origin = given
        }
        let phone = stage.phone(at: origin.1) ?? stage.addPhone("\(origin.1)", origin.1, origin.0)
        var socket: ListenSocket?
        if let name = item.socket {
            socket = stage.server.sockets.first { $0.socketName.string == name || "\($0.address)" == name }
            guard socket != nil else { return "the server has no socket \(name)" }
        }
        guard stage.send(item.message, from: phone, to: socket, bytes: item.bytes) else {
            return "the server has no socket for \(origin.0.name) from \(origin.1)"
        }
        return nil
    }

    /// The sender as its Via names it, an address of the documentation when it names none.
    private static func origin(of message: PlainMessage) -> (TransportProtocol, SocketAddress) {
        let fallback = SocketAddress(ip: IPAddress(ipv4: 0xC000_0201), port: 5060)
        // Of a reply the second Via tells: the first one is ours.
        let values = message.list("Via")
        guard !message.isReply, let via = values.first else { return (.udp, fallback) }
        let words = via.split(separator: ";")[0].split(separator: " ")
        guard let protocolName = words.first?.split(separator: "/").last, words.count > 1 else {
            return (.udp, fallback)
        }
        let transport =
            TransportProtocol.allCases.first { "\($0.viaName)" == protocolName.uppercased() } ?? .udp
        let known = StepParser.endpoint(String(words[1])).map { $0.1 }
        return (transport, known ?? fallback)
    }

    // MARK: Tests

    private static func runTests(
        _ options: CommandLineOptions, _ path: String, _ modules: [ModuleType], _ files: FileAccess,
        _ trace: TracePrinter.Options, _ write: @escaping (String) -> Void, _ complain: (String) -> Void
    ) -> Int32 {
        let (file, problems) = TestFileParser.read(path, files: files)
        guard problems.isEmpty else {
            for problem in problems { complain("\(problem)\n") }
            return 255
        }
        var status: Int32 = 0
        for var test in file.cases {
            if let path = options.configurationPath { test.settings.configuration = path }
            test.settings.defines += options.defines.map { $0.value.isEmpty ? $0.name : "\($0.name)=\($0.value)" }
            write("\n## \(test.name)\n\n")
            let printer = TracePrinter(trace, write: write)
            if let failure = TestRun.run(test, modules: modules, files: files, onlooker: printer) {
                write(TestReport.text(failure))
                status = 1
            }
        }
        return status
    }
}

/// Standard output in pieces of some size.
private final class BufferedOutput {
    private var text = ""

    func write(_ more: String) {
        self.text += more
        if self.text.utf8.count > 1 << 16 { self.flush() }
    }

    func flush() {
        SystemOutput.write(ByteBuffer(self.text), to: 1)
        self.text = ""
    }
}
