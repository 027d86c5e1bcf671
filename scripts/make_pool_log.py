#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""Writes an event log for `forge3d replay`: churn at a level, then random releases down to another.

    scripts/make_pool_log.py --bytes 134217728 --low 4096 --high 4194304 --seed 1 > churn.csv
"""
import argparse
import math
import random


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bytes", type=int, default=128 << 20, help="of the heap")
    parser.add_argument("--low", type=int, default=4096, help="smallest block")
    parser.add_argument("--high", type=int, default=4 << 20, help="largest block")
    parser.add_argument("--level", type=float, default=0.92, help="share that is live while it churns")
    parser.add_argument("--end", type=float, default=0.6, help="share that is live at the end")
    parser.add_argument("--requests", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    live, live_bytes, time = [], 0, 0
    print("time_ns,event,id,size,alignment,block,offset")

    def release():
        nonlocal live_bytes, time
        at = rng.randrange(len(live))
        live[at], live[-1] = live[-1], live[at]
        name, size = live.pop()
        live_bytes -= size
        time += 1000
        print(f"{time},free,{name},{size},16,0,0")

    for name in range(args.requests):
        size = args.low * math.exp(rng.random() * math.log(args.high / args.low))
        size = math.ceil(size / 16) * 16
        while live_bytes + size > args.level * args.bytes:
            release()
        time += 1000
        print(f"{time},allocate,{name},{size},16,0,0")
        live.append((name, size))
        live_bytes += size
    while live_bytes > args.end * args.bytes:
        release()


if __name__ == "__main__":
    main()
