/// What works on configuration files without running them.
public enum ScriptTools {}
