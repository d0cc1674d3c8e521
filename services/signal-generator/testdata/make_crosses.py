"""Works out, with pandas alone, what the generators must find in the data; writes it to crosses.json beside this file.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install pandas && /tmp/venv/bin/python make_crosses.py

No line of the platform is used. Averages are pandas' own, over all closes of a window.
"""
import json
import pathlib

import numpy as np
import pandas as pd

here = pathlib.Path(__file__).parent
data = here.parent / "data"


def read(name):
    return pd.read_csv(data / name, index_col=0, parse_dates=True)["Close"]


def times(index):
    return [time.strftime("%Y-%m-%dT%H:%M:%S.000Z") for time in index]


def turns(difference, known_from=0):
    """Where the sign of a difference becomes positive, and where negative; a zero keeps the sign before it."""
    sign = np.sign(difference.iloc[known_from:].dropna()).replace(0, np.nan).ffill()
    before = sign.shift()
    return {"up": times(sign.index[(sign > 0) & (before < 0)]), "down": times(sign.index[(sign < 0) & (before > 0)])}


def crosses(close):
    return turns(close.rolling(50).mean() - close.rolling(200).mean())


def macd(close):
    line = close.ewm(span=12, adjust=False).mean() - close.ewm(span=26, adjust=False).mean()
    # The signal line begins with the 26th close and is known from its ninth value on.
    known = line.iloc[25:]
    return turns(known - known.ewm(span=9, adjust=False).mean(), known_from=8)


def rsi(close):
    """Wilder's: the mean of the first 14 moves, then smoothed by a fourteenth."""
    move = close.diff().iloc[1:]
    values, gain, loss = {}, 0.0, 0.0
    for count, (time, change) in enumerate(move.items(), start=1):
        up, down = max(change, 0.0), max(-change, 0.0)
        if count <= 14:
            gain, loss = gain + up / 14, loss + down / 14
        else:
            gain, loss = gain + (up - gain) / 14, loss + (down - loss) / 14
        if count >= 14:
            values[time] = 100 * gain / (gain + loss)
    value = pd.Series(values)
    before = value.shift()
    return {"up": times(value.index[(value < 30) & (before >= 30)]), "down": times(value.index[(value > 70) & (before <= 70)])}


def bollinger(close):
    middle, deviation = close.rolling(20).mean(), close.rolling(20).std(ddof=0)
    known = deviation.notna()
    place = (np.sign(close - middle) * ((close - middle).abs() > 2 * deviation))[known]
    before = place.shift()
    left = (place != before) & before.notna()
    return {"up": times(place.index[left & (place < 0)]), "down": times(place.index[left & (place > 0)])}


files = {"GOOG": "GOOG-1d.csv", "EURUSD": "EURUSD-1h.csv", "BTCUSD": "BTCUSD-1M.csv"}
found = {
    symbol: {work.__name__: work(read(name)) for work in (crosses, macd, rsi, bollinger)} for symbol, name in files.items()
}
(here / "crosses.json").write_text(json.dumps(found, indent=1) + "\n")
for symbol, kinds in found.items():
    for kind, sides in kinds.items():
        print(symbol, kind, {side: len(dates) for side, dates in sides.items()})
