import ApusServer
import Bytes
import ModuleKit
import RouteScript
import SIPMessage

/// Runs one test: a stage of its own, the steps in order, up to the first that fails.
package final class TestRun {
    /// Why a test failed.
    package struct Failure: Sendable {
        package var place: TestPlace
        package var message: String
        /// Further lines: what was expected, what there was.
        package var details: [String] = []
    }

    let test: TestCase
    let stage: Stage
    let record: TestRecord
    /// The phone that acts when a step names none.
    var speaker = "alice"
    var lastSent: (message: PlainMessage, bytes: ByteString?, phone: String)?
    /// Something was expected since the last action: the next action begins a new scene.
    private var hasExpected = false

    private init(_ test: TestCase, _ stage: Stage, _ record: TestRecord) {
        self.test = test
        self.stage = stage
        self.record = record
    }

    /// Runs `test`.
    /// - Parameters:
    ///   - onlooker: writes everything that happens.
    /// - Returns: the failure, nil when all is as the test wants it.
    package static func run(
        _ test: TestCase, modules: [ModuleType], files: FileAccess = .system, onlooker: TracePrinter? = nil
    ) -> Failure? {
        let record = TestRecord(onlooker: onlooker)
        let stage: Stage
        do throws(VirtualFailure) {
            stage = try Stage(
                try Self.setup(test.settings, modules, files), names: test.settings.names, listener: record)
        } catch {
            let lines = "\(error)".split(separator: "\n").map(String.init)
            return Failure(place: test.place, message: "the configuration cannot be loaded", details: lines)
        }
        stage.domain = test.settings.domain
        onlooker?.attach(to: stage)
        let run = TestRun(test, stage, record)
        do throws(Failure) {
            try run.compileVariables()
            for (index, step) in test.steps.enumerated() {
                if index == test.sharedSteps { record.beginScene() }
                try run.perform(step)
            }
        } catch {
            return error
        }
        return nil
    }

    private static func setup(
        _ settings: TestSettings, _ modules: [ModuleType], _ files: FileAccess
    ) throws(VirtualFailure) -> VirtualSetup {
        var arguments = settings.defines.flatMap { ["-A", $0] }
        arguments += settings.modules.map { "--loadmodule=\($0)" }
        arguments += settings.parameters.map { "--modparam=\($0)" }
        arguments += settings.aliases.map { "--alias=\($0)" }
        if let path = settings.configuration { arguments += ["-f", path] }
        if let level = settings.debugLevel { arguments.append("--debug=\(level)") }
        var setup = VirtualSetup(moduleTypes: modules)
        do throws(CommandLineError) {
            setup.options = try CommandLineOptions(parsing: arguments)
        } catch {
            throw .other(error.message)
        }
        setup.files = files
        setup.listen = settings.listen
        setup.wallSeconds = settings.wallSeconds
        return setup
    }

    /// Variables that the test looks at are compiled before anything happens: they are read when scripts end.
    private func compileVariables() throws(Failure) {
        for step in self.test.steps {
            guard case .expect(.variable(let name, _, _)) = step.kind, self.record.variables[name] == nil else {
                continue
            }
            do {
                self.record.variables[name] = try self.stage.server.variable(name)
            } catch {
                throw Failure(place: step.place, message: "\(name): \(Self.text(of: error))")
            }
        }
    }

    static func text(of error: any Error) -> String {
        guard let error = (error as? UnknownVariable)?.error ?? error as? ArgumentError else { return "\(error)" }
        return error.message + (error.suggestion.map { ": did you mean '\($0)'?" } ?? "")
    }

    private func perform(_ step: TestStep) throws(Failure) {
        if case .expect(let expectation) = step.kind {
            self.hasExpected = true
            return try self.check(expectation, step)
        }
        if self.hasExpected {
            self.hasExpected = false
            self.record.beginScene()
        }
        try self.act(step)
    }
}

extension TestRun.Failure: Error {}
