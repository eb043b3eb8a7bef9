"""Trees with the same kernels and initramfs, as files and in unified kernel images. usage: uki_trees.py FOLDER"""
import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import uki
from delta_trees import cpio, program, run, text, write


def x86_kernel(seed, change):
    """A bzImage: setup code that says where the compressed kernel is."""
    payload = run("gzip -n -9 -c", program(seed, 900000, change))
    setup = bytearray(program(seed + 1, 3000, change)[:2148])
    setup[0x1f1:0x1f2] = b"\3"
    setup[0x1fe:0x200] = b"\x55\xaa"
    setup[0x202:0x206] = b"HdrS"
    setup[0x248:0x250] = struct.pack("<II", 100, len(payload) + 4)
    return bytes(setup) + payload + struct.pack("<I", 900000) + program(seed + 2, 5000, change)


def zboot_kernel(seed, change):
    """An EFI zboot image."""
    payload = run("zstd -q --ultra -22 -c", program(seed, 400000, change))
    header = bytearray(program(seed + 1, 6000, change)[:5000])
    header[:0x40] = b"MZ\0\0zimg" + struct.pack("<IIII", 5000, len(payload), 0, 0) + b"zstd".ljust(40, b"\0")
    return bytes(header) + payload + struct.pack("<I", 400000) + program(seed + 2, 5000, change)


def initramfs(kernel, change):
    """As dracut and initramfs-tools make them: microcode in front, which is not compressed."""
    members = [(f"usr/lib/modules/{kernel}/kernel/m{i}.ko", program(200 + i, 90000, change)) for i in range(8)]
    members.append(("usr/bin/init", text(21)))
    early = cpio([("kernel/x86/microcode/GenuineIntel.bin", program(60, 100000))])
    return early + run("zstd -q -9 -T0 -c", cpio(members)) + bytes(4) + run("gzip -n -9 -c", cpio([("extra", text(22))]))


def make(top):
    for state, kernel, change in [("old", "6.1.0-1", 0), ("new", "6.1.0-2", 3)]:
        linux, initrd = x86_kernel(70, change), initramfs(kernel, change)
        release = ("osrel", b"ID=test\nVERSION_ID=1\n" * 4)
        write(top, f"files-{state}/usr/lib/modules/{kernel}/vmlinuz", linux)
        write(top, f"files-{state}/usr/lib/modules/{kernel}/initramfs.img", initrd)
        for variant, cmdline in [("", b"quiet"), ("-cmdline", b"debug"), ("-profiles", b"quiet")]:
            stub = [(".text", program(80, 60000)), (".data", text(81, 400)), (".sbat", text(82, 40)), ("." + release[0], release[1])]
            body = [(".cmdline", b"root=UUID=6f1f0b1c-7ea1-4b1a-8f53-0123456789ab rw " + cmdline), (".uname", kernel.encode()),
                    (".linux", linux), (".initrd", initrd)]
            if variant == "-profiles":
                body += [(".profile", b"ID=main\n"), (".profile", b"ID=debug\n"), (".cmdline", b"root=LABEL=x debug"), (".dtbauto", program(83, 20000))]
            signature = b"" if variant == "-cmdline" else program(84 + change, 1500)
            write(top, f"uki{variant}-{state}/boot/EFI/Linux/{kernel}.efi", uki.image(stub + body, signature))
        write(top, f"arm-{state}/usr/lib/modules/{kernel}/vmlinuz", zboot_kernel(90, change))
        write(top, f"arm-uki-{state}/usr/lib/modules/{kernel}/{kernel}.efi", uki.image([(".text", program(80, 60000)), (".linux", zboot_kernel(90, change))]))
        for i, command in enumerate(["gzip -n -f -c", "zstd -q -f -c", "xz --check=crc32 --lzma2=dict=1MiB -c", "zstd -q -19 -T0 -c"]):
            suffix = [".gz", ".zst", ".xz", ".zst"][i]
            write(top, f"modules-{state}/usr/lib/modules/{kernel}/kernel/m{i}.ko{suffix}", run(command, program(300 + i, 90000, change)))
    for name in ["files-old", "files-new", "uki-old", "uki-new", "uki-cmdline-old", "uki-profiles-old", "uki-profiles-new", "arm-old", "arm-new",
                 "arm-uki-old", "arm-uki-new", "modules-old", "modules-new"]:
        write(top, f"{name}/usr/lib/os-release", b"ID=test\n")


if __name__ == "__main__":
    make(sys.argv[1])
