//! The layers of burn-nn for sequences: recurrent ones and attention.

use burn::nn::attention::*;
use burn::nn::transformer::*;
use burn::nn::*;
use burn::tensor::{Bool, Device, Tensor};

use crate::case::{Case, at, ints, layer};
use crate::points::spread;

/// All cases of this file.
pub fn cases() -> Vec<Case> {
    [recurrent(), attention()].into_iter().flatten().collect()
}

fn bools<const D: usize>(shape: [usize; D], values: &[i64], device: &Device) -> Tensor<D, Bool> {
    ints(shape, values, device).equal_scalar(1)
}

fn recurrent() -> Vec<Case> {
    let x = || at([2, 3, 2], spread(12));
    let mut cases = vec![
        layer("Lstm", "ordinary", x(), |d| LstmConfig::new(2, 2, true).init(d), |m, x| m.forward(x, None).0),
        layer(
            "Lstm, final state",
            "ordinary",
            x(),
            |d| LstmConfig::new(2, 2, true).init(d),
            |m, x| m.forward(x, None).1.cell,
        ),
        layer(
            "Lstm, no bias, reverse",
            "ordinary",
            x(),
            |d| LstmConfig::new(2, 2, false).with_reverse(true).init(d),
            |m, x| m.forward(x, None).0,
        ),
        layer(
            "Lstm, input_forget, clip",
            "ordinary",
            x(),
            |d| LstmConfig::new(2, 2, true).with_input_forget(true).with_clip(Some(0.4)).init(d),
            |m, x| m.forward(x, None).0,
        ),
        layer(
            "Lstm with a state",
            "ordinary",
            x(),
            |d| LstmConfig::new(2, 2, true).init(d),
            |m, x| {
                let state = x.clone().slice([0..2, 0..1, 0..2]).squeeze_dim::<2>(1);
                m.forward(x, Some(LstmState::new(state.clone() * 0.5, state))).0
            },
        ),
        layer("BiLstm", "ordinary", x(), |d| BiLstmConfig::new(2, 1, true).init(d), |m, x| m.forward(x, None).0),
        layer(
            "BiLstm, batch_first=false",
            "ordinary",
            x(),
            |d| BiLstmConfig::new(2, 1, true).with_batch_first(false).init(d),
            |m, x| m.forward(x, None).0,
        ),
        layer("Gru", "ordinary", x(), |d| GruConfig::new(2, 2, true).init(d), |m, x| m.forward(x, None)),
        layer(
            "Gru, reset_after=false",
            "ordinary",
            x(),
            |d| GruConfig::new(2, 2, true).with_reset_after(false).init(d),
            |m, x| m.forward(x, None),
        ),
        layer(
            "Gru, clip",
            "ordinary",
            x(),
            |d| GruConfig::new(2, 2, false).with_clip(Some(0.3)).init(d),
            |m, x| m.forward(x, None),
        ),
        layer(
            "Gru with a state",
            "ordinary",
            x(),
            |d| GruConfig::new(2, 2, true).init(d),
            |m, x| {
                let state = x.clone().slice([0..2, 0..1, 0..2]).squeeze_dim::<2>(1);
                m.forward(x, Some(state))
            },
        ),
        layer("BiGru", "ordinary", x(), |d| BiGruConfig::new(2, 1, true).init(d), |m, x| m.forward(x, None).0),
        layer("Rnn", "ordinary", x(), |d| RnnConfig::new(2, 2, true).init(d), |m, x| m.forward(x, None).0),
        layer(
            "Rnn, reverse",
            "ordinary",
            x(),
            |d| RnnConfig::new(2, 2, true).with_reverse(true).init(d),
            |m, x| m.forward(x, None).0,
        ),
        layer("BiRnn", "ordinary", x(), |d| BiRnnConfig::new(2, 1, true).init(d), |m, x| m.forward(x, None).0),
    ];
    cases.push(layer(
        "Lstm",
        "inputs of 100",
        at([2, 3, 2], spread(12).iter().map(|x| 70.0 * x).collect()),
        |d| LstmConfig::new(2, 2, true).init(d),
        |m, x| m.forward(x, None).0,
    ));
    cases
}

fn attention() -> Vec<Case> {
    let x = || at([1, 3, 4], spread(12));
    let mha = |d: &Device| MultiHeadAttentionConfig::new(4, 2).with_dropout(0.0).init(d);
    vec![
        layer("MultiHeadAttention", "ordinary", x(), mha, |m, x| m.forward(MhaInput::self_attn(x)).context),
        layer("MultiHeadAttention, weights", "ordinary", x(), mha, |m, x| {
            m.forward(MhaInput::self_attn(x)).weights
        }),
        layer("MultiHeadAttention, mask_pad", "ordinary", x(), mha, |m, x| {
            let mask = bools([1, 3], &[0, 0, 1], &x.device());
            m.forward(MhaInput::self_attn(x).mask_pad(mask)).context
        }),
        layer("MultiHeadAttention, everything masked", "ordinary", x(), mha, |m, x| {
            let mask = bools([1, 3], &[1, 1, 1], &x.device());
            m.forward(MhaInput::self_attn(x).mask_pad(mask)).context
        }),
        layer("MultiHeadAttention, mask_attn", "ordinary", x(), mha, |m, x| {
            let mask = bools([1, 3, 3], &[0, 1, 1, 0, 0, 1, 0, 0, 0], &x.device());
            m.forward(MhaInput::self_attn(x).mask_attn(mask)).context
        }),
        layer(
            "MultiHeadAttention, quiet_softmax",
            "ordinary",
            x(),
            |d| {
                MultiHeadAttentionConfig::new(4, 2)
                    .with_dropout(0.0)
                    .with_quiet_softmax(true)
                    .init(d)
            },
            |m, x| m.forward(MhaInput::self_attn(x)).context,
        ),
        layer(
            "CrossAttention",
            "ordinary",
            x(),
            |d| CrossAttentionConfig::new(4, 4, 2, 1, 2).with_dropout(0.0).init(d),
            |m, x| {
                let context = x.clone().flip([1]) * 0.7;
                m.forward(x, context, None)
            },
        ),
        layer(
            "PositionWiseFeedForward",
            "ordinary",
            x(),
            |d| PositionWiseFeedForwardConfig::new(4, 3).with_dropout(0.0).init(d),
            |m, x| m.forward(x),
        ),
        layer(
            "TransformerEncoder",
            "ordinary",
            at([1, 2, 4], spread(8)),
            |d| TransformerEncoderConfig::new(4, 4, 2, 1).with_dropout(0.0).init(d),
            |m, x| m.forward(TransformerEncoderInput::new(x)),
        ),
        layer(
            "TransformerEncoder, norm_first",
            "ordinary",
            at([1, 2, 4], spread(8)),
            |d| {
                TransformerEncoderConfig::new(4, 4, 2, 1)
                    .with_dropout(0.0)
                    .with_norm_first(true)
                    .init(d)
            },
            |m, x| m.forward(TransformerEncoderInput::new(x)),
        ),
        layer(
            "TransformerDecoder",
            "ordinary",
            at([1, 2, 4], spread(8)),
            |d| TransformerDecoderConfig::new(4, 4, 2, 1).with_dropout(0.0).init(d),
            |m, x| {
                let memory = x.clone().flip([1]) * 0.7;
                m.forward(TransformerDecoderInput::new(x, memory))
            },
        ),
    ]
}
