// The official OpenAI SDK for Node, given nothing but a base URL and a key. Run by test_openai_node.py.
import assert from "node:assert/strict";
import { createReadStream } from "node:fs";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import OpenAI, { toFile } from "openai";

const { BASE_URL, KEY, READ_KEY, IMAGE } = process.env;
const client = new OpenAI({ baseURL: BASE_URL, apiKey: KEY });
const MODELS = ["sora-2", "veo", "omni"];

async function ended(video) {
  const deadline = Date.now() + 60_000;
  while (["queued", "in_progress"].includes(video.status)) {
    assert.ok(Date.now() < deadline, `${video.id} is ${video.status} after a minute`);
    await setTimeout(200);
    video = await client.videos.retrieve(video.id);
  }
  return video;
}

for (const model of MODELS) {
  test(`a video of ${model} is made, waited for, downloaded and deleted`, async () => {
    const asked = { model, prompt: "a cat", seconds: "8", size: "1280x720" };
    const video = await ended(await client.videos.create(asked));
    assert.deepEqual([video.status, video.progress, video.seconds, video.size], ["completed", 100, "8", "1280x720"]);

    const content = Buffer.from(await (await client.videos.downloadContent(video.id)).arrayBuffer());
    const poster = await client.videos.downloadContent(video.id, { variant: "thumbnail" });
    assert.equal(content.subarray(4, 8).toString(), "ftyp");
    assert.equal(poster.headers.get("content-type"), "image/webp");

    const deleted = await client.videos.delete(video.id);
    assert.deepEqual(deleted, { id: video.id, object: "video.deleted", deleted: true });
    await assert.rejects(client.videos.retrieve(video.id), OpenAI.NotFoundError);
  });
}

test("an image goes along as a file, by its address and by an upload's id", async () => {
  const uploaded = await client.files.create({ file: createReadStream(IMAGE), purpose: "vision" });
  const { data: content } = await client.files.content(uploaded.id).withResponse();
  const bytes = Buffer.from(await content.arrayBuffer());
  const references = [
    await toFile(bytes, "first.png", { type: "image/png" }),
    { image_url: `data:image/png;base64,${bytes.toString("base64")}` },
    { file_id: uploaded.id },
  ];
  for (const input_reference of references) {
    const video = await ended(await client.videos.create({ model: "omni", prompt: "it moves", input_reference }));
    assert.equal(video.status, "completed");
  }
  const listed = [];
  for await (const file of client.files.list()) listed.push(file.id);
  assert.ok(listed.includes(uploaded.id));
  assert.equal((await client.files.delete(uploaded.id)).deleted, true);
});

test("parameters beyond OpenAI's go along in the body", async () => {
  const extra = { aspect_ratio: "9:16", resolution: "1080p", audio: false, seed: 7, metadata: { scene: { number: "3" } } };
  const video = await client.videos.create({ model: "veo", prompt: "a cat", ...extra });
  assert.equal(video.size, "1080x1920");
  assert.deepEqual(video.metadata, { scene: { number: "3" } });
});

test("lists page in both orders without gaps or repeats", async () => {
  const own = new OpenAI({ baseURL: BASE_URL, apiKey: process.env.LIST_KEY });
  const made = [];
  for (const number of [1, 2, 3]) made.push((await own.videos.create({ prompt: `cat ${number}` })).id);
  const seen = { asc: [], desc: [] };
  for (const order of ["asc", "desc"]) {
    for await (const video of own.videos.list({ limit: 2, order })) seen[order].push(video.id);
  }
  assert.deepEqual(seen, { asc: made, desc: made.toReversed() });
});

test("every retrieve says when to ask again", async () => {
  const video = await client.videos.create({ prompt: "a cat" });
  const { response, request_id } = await client.videos.retrieve(video.id).withResponse();
  assert.ok(Number(response.headers.get("openai-poll-after-ms")) >= 1000);
  assert.ok(request_id);
});

test("each refusal is the exception the SDK has for it", async () => {
  const stranger = new OpenAI({ baseURL: BASE_URL, apiKey: "wrong" });
  const reader = new OpenAI({ baseURL: BASE_URL, apiKey: READ_KEY });
  const video = await client.videos.create({ prompt: "a cat [sim:stuck]" });

  await assert.rejects(stranger.videos.list(), OpenAI.AuthenticationError);
  await assert.rejects(reader.videos.create({ prompt: "a cat" }), OpenAI.PermissionDeniedError);
  await assert.rejects(client.videos.retrieve("video_0"), OpenAI.NotFoundError);
  await assert.rejects(client.videos.downloadContent(video.id), OpenAI.NotFoundError);
  await assert.rejects(reader.videos.retrieve(video.id), OpenAI.NotFoundError);
  await assert.rejects(client.videos.remix(video.id, { prompt: "rain" }), OpenAI.BadRequestError);
  await assert.rejects(client.videos.create({ prompt: "a cat", seconds: "5" }), (error) => {
    assert.ok(error instanceof OpenAI.BadRequestError);
    assert.deepEqual([error.code, error.param], ["invalid_value", "seconds"]);
    return true;
  });
});

test("models are listed and found by their aliases", async () => {
  const names = [];
  for await (const model of client.models.list()) names.push(model.id);
  assert.ok(names.includes("veo-3.1-generate-001"));
  assert.equal((await client.models.retrieve("omni")).id, "gemini-omni-1.2-flash");
  await assert.rejects(client.models.retrieve("unheard-of"), OpenAI.NotFoundError);
});
