/// Texts that `-h` and `-v` print.
enum Usage {
    static let help = """
        Usage: apus [options]

        Without -f the server runs the configuration that it carries in itself: a registrar and proxy for local
        users on 127.0.0.1:5060 and [::1]:5060, UDP and TCP.

          -f FILE        configuration (kamailio.cfg language); - reads standard input
          -c             check the configuration, report every problem, exit
          -A ID[=VALUE]  preprocessor define, may be repeated
          --subst=E --substdef=E --substdefs=E   preprocessor substitutions
          --cfg-print    print the configuration with includes and ifdefs resolved, exit
          --strict       treat warnings of the check as errors
          --diagnostics=json   print what the check finds as JSON, to standard output
          -l ADDRESS     listen on [proto:]address[:port][/advertised[:port]] as well, may be repeated
          --alias=NAME   a name that counts as this server; -a yes|no: names found by reverse lookup
          -n N, -N N     UDP and TCP workers
          -T             no TCP
          -D, -DD        stay in the foreground; -DDD or nothing: run in the background
          -E             log to standard error; -e: in colours
          -d             log level, one more for each -d (from 0); --debug=N: this level
          --log-engine=json   one JSON object for each log line
          -P FILE, -G FILE    write the process id, the process group id
          -Y DIR, -w DIR, -t DIR   run directory, working directory, chroot
          -u USER, -g GROUP   run as
          --loadmodule=NAME, --modparam=MODULE:PARAMETER:TYPE:VALUE   as in the file
          --server-id=N  the server_id parameter
          -b N           upper bound of the receive buffer
          -K             check the Via of replies;  -r, -R: ask DNS whether a Via names the sender, or its address's name
          --simulate=FILE     run the SIP messages of FILE (or its tests) through the script without sockets, print what
                         happens; --full: whole messages; --quiet: no lines of the script; --answer=180,200: what
                         peers answer; --for=30s: time that passes; --at=TIME: when; --from=ADDRESS: who sends
          --dump-bytecode     print what the script compiles to, exit
          -v             version;  -I: build;  -h: this text

        Accepted for compatibility, without effect: -m -M -x -X -W -O -Q -S -B -L --atexit --all-errors
        """

    static var version: String {
        """
        version: apus \(BuildInformation.version) (\(BuildInformation.platform))
        compatible with kamailio \(BuildInformation.compatibleWith) configuration files
        """
    }

    /// What `-I` prints.
    static func build(modules: [String]) -> String {
        """
        \(self.version)
        architecture: \(BuildInformation.architecture)
        compiler: swift, strict memory safety
        transports: UDP, TCP
        modules: \(modules.sorted().joined(separator: " "))
        default configuration: \(DefaultConfiguration.name)
        default run directory: \(BuildInformation.runDirectory)
        """
    }
}

/// Facts about this build.
public enum BuildInformation {
    public static let version = "0.1.0"
    public static let compatibleWith = "5.6.3"
    /// Where control sockets go when nothing else is said.
    public static let runDirectory = "/run/kamailio"
    #if arch(x86_64)
    public static let architecture = "x86_64"
    #elseif arch(arm64)
    public static let architecture = "aarch64"
    #else
    public static let architecture = "unknown"
    #endif
    public static let platform = "\(architecture)/linux"
}
