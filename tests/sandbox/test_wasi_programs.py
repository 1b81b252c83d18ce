"""The system interface as C programs meet it: files, folders, time, arguments and input."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from curta.sandbox import Limits, Result, Sandbox, View

pytest.importorskip("ziglang")
pytestmark = pytest.mark.xdist_group("sandbox c")

HEAD = """
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#define SHOW(expression) printf("%s = %ld\\n", #expression, (long)(expression))
#define FAILS(expression) do { errno = 0; long result = (long)(expression); \
    printf("%s: %s\\n", #expression, result < 0 ? strerror(errno) : "no error"); } while (0)
int main(int count, char **arguments) {
"""


@pytest.fixture(scope="module")
def box(warm_home: Path) -> Iterator[Sandbox]:
    with Sandbox(limits=Limits(seconds=20)) as sandbox:
        yield sandbox


def told(result: Result) -> list[str]:
    assert result.ok, (result.status, result.error, result.stderr)
    return result.stdout.splitlines()


def run(sandbox: Sandbox, body: str, stdin: str = "") -> Result:
    return sandbox.run(HEAD + body + "\nreturn 0; }", "c", stdin=stdin)


def test_a_file_is_written_read_sought_appended_to_and_cut_off(box: Sandbox) -> None:
    result = run(
        box,
        """
        char text[32] = "";
        int file = open("a.txt", O_RDWR | O_CREAT, 0600);
        SHOW(write(file, "0123456789", 10));
        SHOW(lseek(file, -4, SEEK_END));
        SHOW(read(file, text, 3));
        puts(text);
        SHOW(pwrite(file, "AB", 2, 1));
        SHOW(lseek(file, 0, SEEK_CUR));
        close(file);
        file = open("a.txt", O_WRONLY | O_APPEND);
        lseek(file, 0, SEEK_SET);
        SHOW(write(file, "end", 3));
        close(file);
        SHOW(truncate("a.txt", 12));
        FILE *again = fopen("/work/a.txt", "r");
        puts(fgets(text, sizeof text, again));
        """,
    )
    assert told(result) == [
        'write(file, "0123456789", 10) = 10',
        "lseek(file, -4, SEEK_END) = 6",
        "read(file, text, 3) = 3",
        "678",
        'pwrite(file, "AB", 2, 1) = 2',
        "lseek(file, 0, SEEK_CUR) = 9",
        'write(file, "end", 3) = 3',
        'truncate("a.txt", 12) = 0',
        "0AB3456789en",
    ]
    assert [(each.action, each.path, each.after) for each in result.effects["/work"].changes] == [
        ("created", "a.txt", 12)
    ]


def test_folders_are_made_listed_and_removed_and_files_renamed(box: Sandbox) -> None:
    result = run(
        box,
        """
        mkdir("d", 0700);
        fclose(fopen("d/one", "w"));
        fclose(fopen("d/two", "w"));
        SHOW(rename("d/one", "d/three"));
        FAILS(rmdir("d"));
        FAILS(mkdir("d", 0700));
        struct dirent *entry;
        DIR *folder = opendir("d");
        while ((entry = readdir(folder))) if (entry->d_name[0] != '.') puts(entry->d_name);
        closedir(folder);
        SHOW(unlink("d/two"));
        SHOW(unlink("d/three"));
        SHOW(rmdir("d"));
        struct stat found;
        FAILS(stat("d", &found));
        """,
    )
    assert told(result) == [
        'rename("d/one", "d/three") = 0',
        'rmdir("d"): Directory not empty',
        'mkdir("d", 0700): File exists',
        "three",
        "two",
        'unlink("d/two") = 0',
        'unlink("d/three") = 0',
        'rmdir("d") = 0',
        'stat("d", &found): No such file or directory',
    ]


def test_an_unlinked_file_lives_as_long_as_it_is_open(box: Sandbox) -> None:
    result = run(
        box,
        """
        char text[8] = "";
        int file = open("gone", O_RDWR | O_CREAT, 0600);
        unlink("gone");
        write(file, "here", 4);
        lseek(file, 0, SEEK_SET);
        read(file, text, 4);
        puts(text);
        FAILS(open("gone", O_RDONLY));
        """,
    )
    assert told(result) == ["here", 'open("gone", O_RDONLY): No such file or directory']
    assert not result.effects["/work"]


def test_no_path_leads_to_the_host(box: Sandbox) -> None:
    result = run(
        box,
        """
        FAILS(open("/etc/passwd", O_RDONLY));
        FAILS(open("../../../../etc/passwd", O_RDONLY));
        FAILS(open("/work/../../etc/passwd", O_RDONLY));
        FAILS(open("/proc/self/environ", O_RDONLY));
        FAILS(symlink("/etc/passwd", "link"));
        FAILS(link("/etc/passwd", "link"));
        SHOW(getenv("HOME"));
        """,
    )
    lines = told(result)
    assert all("No such file" in line or "not permitted" in line for line in lines[:-1]), lines
    assert lines[-1] == 'getenv("HOME") = 0'


def test_a_large_folder_is_listed_whole(warm_home: Path, tmp_path: Path) -> None:
    for number in range(3000):
        (tmp_path / f"file-with-a-rather-long-name-{number:05}").touch()
    body = """
        long seen = 0;
        DIR *folder = opendir("/work");
        for (struct dirent *entry; (entry = readdir(folder));) seen += entry->d_name[0] == 'f';
        SHOW(seen);
        """
    with Sandbox(View(tmp_path)) as sandbox:
        assert told(run(sandbox, body)) == ["seen = 3000"]


def test_a_view_to_read_can_be_read_and_nothing_else(warm_home: Path, tmp_path: Path) -> None:
    (tmp_path / "given").write_text("given")
    body = """
        char text[8] = "";
        int file = open("/in/given", O_RDWR);
        if (file < 0) file = open("/in/given", O_RDONLY);
        read(file, text, 5);
        puts(text);
        FAILS(unlink("/in/given"));
        FAILS(open("/in/new", O_WRONLY | O_CREAT, 0600));
        """
    with Sandbox(View(tmp_path, "read", at="/in")) as sandbox:
        lines = told(run(sandbox, body))
    assert lines[0] == "given"
    assert all(line.endswith("Read-only file system") for line in lines[1:]), lines
    assert (tmp_path / "given").read_text() == "given"


def test_standard_input_and_the_exit_code(box: Sandbox) -> None:
    result = run(
        box,
        """
        char line[64];
        while (fgets(line, sizeof line, stdin)) printf("<%s>", strtok(line, "\\n"));
        fprintf(stderr, "%d %s", count, arguments[0]);
        exit(7);
        """,
        stdin="one\ntwo\n",
    )
    assert (result.status, result.exit_code, result.stdout, result.stderr) == ("error", 7, "<one><two>", "1 main")


def test_a_sleep_ends_at_the_deadline(warm_home: Path) -> None:
    with Sandbox(limits=Limits(seconds=1)) as sandbox:
        result = run(sandbox, 'puts("before"); fflush(stdout); sleep(1000);')
    assert (result.status, result.stdout) == ("deadline", "before\n")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("for (;;);", "deadline"),
        ("volatile char *wild = (char *)0xfffffff0; return *wild;", "ended"),
        ("abort();", "ended"),
        ("char *volatile all; while ((all = malloc(1 << 20))) memset(all, 1, 1 << 20); return 1;", "memory"),
    ],
)
def test_what_breaks_a_program_is_a_result(warm_home: Path, body: str, status: str) -> None:
    with Sandbox(limits=Limits(seconds=2, memory=64 << 20)) as sandbox:
        assert run(sandbox, body).status == status
        assert run(sandbox, 'puts("alive");').stdout == "alive\n"


def test_a_full_disk_is_an_error_the_program_sees(warm_home: Path) -> None:
    body = """
        static char block[1 << 16];
        FILE *file = fopen("big", "w");
        long blocks = 0;
        while (fwrite(block, sizeof block, 1, file) == 1 && !fflush(file)) blocks++;
        perror("writing");
        SHOW(blocks);
        """
    with Sandbox(limits=Limits(disk=1 << 20)) as sandbox:
        result = run(sandbox, body)
    assert told(result) == ["blocks = 16"]
    assert "No space left" in result.stderr
