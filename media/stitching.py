"""Videos joined end to end by copying their packets; nothing is encoded anew. Runs in the child process only."""

from fractions import Fraction
from typing import Any

import av
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.stream import Stream

from media.errors import CannotStitch
from media.faults import refused_as


def stitch(paths: list[str], out: str) -> dict[str, Any]:
    """Join MP4 videos of one size and encoding into `out`, its index first. Raises CannotStitch."""
    with (
        refused_as(CannotStitch, "one of the videos cannot be read as MP4"),
        av.open(f"file:{out}", "w", format="mp4", options={"movflags": "+faststart"}) as container,
    ):
        joined = _Joined(container)
        for path in paths:
            with av.open(f"file:{path}", format="mp4") as source:
                joined.append(source)
    return {"videos": len(paths), "duration_s": round(float(joined.end), 3)}


class _Joined:
    """An output that remembers where, in seconds, the last video ended."""

    def __init__(self, container: OutputContainer) -> None:
        self._container = container
        self._streams: list[Stream] = []
        self._looks: list[object] = []
        self._last_dts: list[int | None] = []
        self.end = Fraction(0)

    def append(self, source: InputContainer) -> None:
        streams: list[Stream] = [*source.streams.video[:1], *source.streams.audio[:1]]
        looks = [_look(stream) for stream in streams]
        if not self._streams:
            self._streams = [self._container.add_stream_from_template(stream) for stream in streams]
            self._looks, self._last_dts = looks, [None] * len(streams)
        if looks != self._looks:
            raise CannotStitch("the videos differ in size or encoding")
        start = end = self.end
        for packet in source.demux(streams):
            if packet.pts is not None and packet.dts is not None:
                end = max(end, _move(packet, start))
                self._write(packet, streams.index(packet.stream))
        self.end = end

    def _write(self, packet: "Packet[Stream]", index: int) -> None:
        last = self._last_dts[index]
        if last is not None and packet.dts is not None and packet.dts <= last:
            # Sound begins with a packet from before zero that only warms the decoder up; here another video ends there.
            return
        self._last_dts[index] = packet.dts
        packet.stream = self._streams[index]
        self._container.mux(packet)


def _move(packet: "Packet[Stream]", by: Fraction) -> Fraction:
    """Shift the packet in time; where it now ends, in seconds."""
    base = packet.time_base
    shift = round(by / base)
    packet.pts, packet.dts = (packet.pts or 0) + shift, (packet.dts or 0) + shift
    return (packet.pts + (packet.duration or 0)) * base


def _look(stream: Stream) -> object:
    context = stream.codec_context
    size = (getattr(context, "width", None), getattr(context, "height", None), getattr(context, "sample_rate", None))
    return stream.type, context.name, size, stream.time_base, context.extradata
