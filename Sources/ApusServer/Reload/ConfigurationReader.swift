import Bytes
import ModuleKit
import RouteScript
import SIPMessage
import SIPTransport

/// Reads the configuration that a command line names: at the start, and again at every reload.
struct ConfigurationReader: Sendable {
    let options: CommandLineOptions
    let modules: [ModuleType]

    init(_ options: CommandLineOptions, modules: [ModuleType]) {
        self.options = options
        self.modules = modules
    }

    /// The same with the whole path of the file: the process may change its directory before it reads it again.
    var anchored: ConfigurationReader {
        guard let path = self.options.configurationPath, path != "-", !path.hasPrefix("/") else { return self }
        var options = self.options
        options.configurationPath = "\(SystemInput.workingDirectory)/\(path)"
        return ConfigurationReader(options, modules: self.modules)
    }

    func parse(files: FileAccess = .system) -> ParsedConfiguration {
        var front = FrontEndOptions()
        front.files = files
        front.defines = self.options.defines.map { $0.value.isEmpty ? $0.name : "\($0.name)=\($0.value)" }
        front.substitutions = self.options.substitutions.map { substitution in
            switch substitution.kind {
            case .text: FrontEndOptions.Substitution(.plain, substitution.expression)
            case .define: FrontEndOptions.Substitution(.define, substitution.expression)
            case .quotedDefine: FrontEndOptions.Substitution(.quotedDefine, substitution.expression)
            }
        }
        front.collectsResolvedText = self.options.printsConfiguration
        guard let path = self.options.configurationPath else {
            // Sockets from the command line take the place of the built-in ones.
            if !self.options.listen.isEmpty { front.defines.append("LISTEN_ELSEWHERE") }
            return FrontEnd.parse(
                text: DefaultConfiguration.text, name: DefaultConfiguration.name, options: front)
        }
        return FrontEnd.parse(path: path, options: front)
    }

    func builder(for parsed: ParsedConfiguration) -> ProgramBuilder {
        let builder = ProgramBuilder(
            parsed, moduleTypes: self.modules, extraModules: self.options.loadModules.map(Self.moduleName),
            extraParameters: self.options.modparams.map { parameter in
                switch parameter.value {
                case .int(let number): (parameter.module, parameter.name, .int(number))
                case .text(let text): (parameter.module, parameter.name, .text(ByteString(text)))
                }
            })
        builder.addressesOfHost = { (try? HostLookup.addresses(of: ByteString($0)).get()) ?? [] }
        return builder
    }

    /// Mistakes that keep the configuration from being used: warnings count with `--strict`.
    func mistakes(_ diagnostics: DiagnosticBag) -> Int {
        diagnostics.errorCount + (self.options.isStrict ? diagnostics.warningCount : 0)
    }

    /// The module that `-l` style options name by file.
    private static func moduleName(_ path: String) -> String {
        let file = path.split(separator: "/").last.map(String.init) ?? path
        return file.hasSuffix(".so") ? String(file.dropLast(3)) : file
    }
}
