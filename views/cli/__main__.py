from views.cli import xinjie

if __name__ == "__main__":
    xinjie(prog_name="xinjie")
