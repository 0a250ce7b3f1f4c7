"""What can be asked of the compiler: one module a command. Each takes values and a folder, returns text or values, and
only `fmt` writes files itself."""
